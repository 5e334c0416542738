import type { BasicType } from "hyparquet-writer";
import type { ColumnType, DataColumn, Value } from "../../results/tables/column.js";
import { ParquetTable, type ParquetValues } from "../data/parquet-table.js";

const ROWS_PER_GROUP = 65_536;

const TYPES: Readonly<Record<ColumnType, BasicType>> = {
  integer: "INT64",
  number: "DOUBLE",
  text: "STRING",
  boolean: "BOOLEAN",
  time: "TIMESTAMP",
};

/** Writes rows of a table as Parquet, in row groups of bounded size. */
export class ParquetRows {
  readonly #columns: readonly DataColumn[];
  readonly #table: ParquetTable;
  #rows: (readonly Value[])[] = [];

  constructor(columns: readonly DataColumn[], write: (bytes: Uint8Array) => void) {
    this.#columns = columns;
    const parquet = columns.map(({ name, type }) => ({ name, type: TYPES[type], nullable: true }));
    this.#table = new ParquetTable(parquet, write);
  }

  write(rows: readonly (readonly Value[])[]): void {
    for (const row of rows) {
      this.#rows.push(row);
      if (this.#rows.length === ROWS_PER_GROUP) this.#writeGroup();
    }
  }

  finish(): void {
    this.#writeGroup();
    this.#table.finish();
  }

  #writeGroup(): void {
    const rows = this.#rows;
    this.#table.writeGroup(this.#columns.map((column, at) => valuesOf(column, rows, at)));
    this.#rows = [];
  }
}

function valuesOf(
  { type }: DataColumn,
  rows: readonly (readonly Value[])[],
  at: number,
): ParquetValues {
  return rows.map((row) => {
    const value = row[at];
    if (value === null) return null;
    if (type === "integer") return BigInt(value);
    return type === "time" ? new Date(String(value)) : value;
  });
}
