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

/** A text that says whether something is as it should be. */
export interface Verdict {
  readonly text: string;
  readonly mark: "good" | "bad";
}

/** null: there is no value. */
export type Cell = string | number | null | Estimate | Verdict;

export interface Column {
  /** Stable name, for programs. */
  readonly name: string;
  /** Heading of the column. */
  readonly title: string;
  readonly unit: Unit;
  /** The page cuts texts of at least `from` characters to `to`. */
  readonly cut?: { readonly from: number; readonly to: number };
  /** The page shows what a text has before its first colon in bold, and the rest below it. */
  readonly hasLead?: boolean;
  /** Paper has no room for it. */
  readonly isScreenOnly?: boolean;
}

/** Numbers as measured; the page, the CSV and the JSON all show the same table. */
export interface Table {
  readonly id: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Index of a column by whose values the page groups the rows. */
  readonly groupBy?: number;
  /** Indices of the rows that lost too much to be compared; the page shows them in grey. */
  readonly lostRows?: ReadonlySet<number>;
}

/** The value of a cell without its uncertainty. */
export function cellValue(cell: Cell): string | number | null {
  if (typeof cell !== "object" || cell === null) return cell;
  return "text" in cell ? cell.text : cell.value;
}

/** The table without the columns that have no value in any row. */
export function withoutEmptyColumns(table: Table): Table {
  const kept = table.columns.flatMap((_, at) => {
    const isEmpty = table.rows.every((row) => cellValue(row[at]!) === null);
    return isEmpty && table.rows.length > 0 ? [] : [at];
  });
  return {
    ...table,
    columns: kept.map((at) => table.columns[at]),
    rows: table.rows.map((row) => kept.map((at) => row[at]!)),
  };
}
