/** What a number counts; `text` columns hold names. */
export type Unit =
  | "text"
  | "count"
  | "ratio"
  | "microseconds"
  | "seconds"
  | "bytes"
  | "byte-seconds"
  | "per-second"
  | "factor"
  | "integer";

/** A mean with what is known of it. */
export interface Estimate {
  readonly value: number;
  /** Bounds of the 95 % interval; null where there is one run only. */
  readonly low: number | null;
  readonly high: number | null;
  /** `best` of those it is compared with, or not told apart from the best (`tied`). */
  readonly mark?: "best" | "tied" | undefined;
  /** Where the rows of a column have different units. */
  readonly unit?: Unit;
}

/** null: there is no such number. */
export type Cell = string | number | null | Estimate;

export interface Column {
  /** Stable, for programs. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly unit: Unit;
}

/** Numbers as measured; the page, the CSV and the JSON all show the same table. */
export interface Table {
  readonly id: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The value of a cell without what is known of it. */
export function cellValue(cell: Cell): string | number | null {
  return typeof cell === "object" && cell !== null ? cell.value : cell;
}
