import { US_PER_MINUTE } from "../basics/units.js";

/** The demand exceeds the machine if it does so for longer than this without a break. */
export const OVERLOAD_US: number = US_PER_MINUTE;

/**
 * What waiting invocations may lack: the end of one of the runs that the cores may have at once, a
 * place among the creations at once, or memory or disk.
 */
export const SHORTAGES = ["runs", "creations", "memory or disk"] as const;
export type Shortage = (typeof SHORTAGES)[number];

/** The times, each longer than OVERLOAD_US, in which invocations waited without a break. */
export interface Overload {
  /** When the first of these times began. */
  readonly firstUs: number;
  readonly totalUs: number;
  /** The total by what the first waiting invocation lacked. */
  readonly us: Readonly<Record<Shortage, number>>;
}

/** The times, each longer than OVERLOAD_US, in which there was more to run than the cores can. */
export type BusyCores = Pick<Overload, "firstUs" | "totalUs">;
