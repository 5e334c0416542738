import type { FunctionId } from "./workload.js";

/** The arrivals of a run, which only an oracle knows. */
export interface Future {
  /** When the function's arrivals are due, in microseconds from the run's start, in order. */
  arrivalsUs(functionId: FunctionId): Float64Array;
  /** How long each of them runs on an idle machine, in microseconds. */
  runsUs(functionId: FunctionId): Float64Array;
  /**
   * When the function's next arrival after `afterUs` is due at which `level` of its invocations run
   * at once, itself included, if each begins when it is due and runs as on an idle machine. With
   * `level` containers, the last of them is needed then. `level` is 1 if absent: the next arrival.
   * Infinity: never.
   */
  nextUs(functionId: FunctionId, afterUs: number, level?: number): number;
  /** The highest level of the function's arrivals after `afterUs` and up to `untilUs`; 0: no arrivals. */
  mostAtOnce(functionId: FunctionId, afterUs: number, untilUs: number): number;
}
