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

/** A mean with its uncertainty. */
export interface Estimate {
  readonly value: number;
  /** Bounds of the 95 % interval; null if there is only one run. */
  readonly low: number | null;
  readonly high: number | null;
  /**
   * `best`: better than every value that it is compared with; `tied`: one of the best, which are not
   * distinguished; `bad`: a warning.
   */
  readonly mark?: "best" | "tied" | "bad" | undefined;
  /** The cell's unit, if the rows of a column have different units. */
  readonly unit?: Unit;
}

/** null: there is no value. */
export type Cell = string | number | null | Estimate;

export interface Column {
  /** Stable name, for programs. */
  readonly name: string;
  /** Heading of the column. */
  readonly title: string;
  readonly unit: Unit;
}

/** Numbers as measured; the page, the CSV and the JSON all show the same table. */
export interface Table {
  readonly id: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The value of a cell without its uncertainty. */
export function cellValue(cell: Cell): string | number | null {
  return typeof cell === "object" && cell !== null ? cell.value : cell;
}
