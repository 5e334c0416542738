import { join } from "node:path";
import { makeFolder } from "../../basics/make-folder.js";
import type { Value } from "../../results/tables/column.js";
import { type DataTable, runTables } from "../../results/tables/run-tables.js";
import { csvHeader, csvLine } from "../data/csv-rows.js";
import { OutputFile } from "../run/output-file.js";
import type { ReadResult } from "../run/read-results.js";
import { unitOfParameter } from "./parameter-units.js";

export const TABLE_FORMATS = ["csv", "parquet", "both"] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** A table as a file in progress. */
interface TableFile {
  readonly file: OutputFile;
  write(rows: readonly (readonly Value[])[]): void;
  finish(): void;
}

type MakeFile = (table: DataTable) => TableFile;

/**
 * Writes the tables of runs into a folder, which is made if it does not exist. Either all files
 * appear or none does. Returns the tables. Errors: InputError naming the option.
 */
export async function writeTables(
  sources: readonly ReadResult[],
  folder: string,
  format: TableFormat,
  option: string,
): Promise<readonly DataTable[]> {
  const makers = await makersOf(format, folder, option);
  makeFolder(folder, option);
  const runs = sources.map(({ path, result }, at) => ({ run: at + 1, file: path, result }));
  const tables = runTables(runs, unitOfParameter);
  const files: TableFile[] = [];
  try {
    for (const table of tables) {
      const made = makers.map((make) => make(table));
      files.push(...made);
      for (const run of runs) for (const file of made) file.write(table.rowsOf(run));
      for (const file of made) file.finish();
    }
    for (const { file } of files) file.complete();
  } finally {
    for (const { file } of files) file.discard();
  }
  return tables;
}

async function makersOf(
  format: TableFormat,
  folder: string,
  option: string,
): Promise<readonly MakeFile[]> {
  const open = (name: string) => new OutputFile(join(folder, name), option);
  const csv: MakeFile = ({ name, columns }) => {
    const file = open(`${name}.csv`);
    file.write(csvHeader(columns));
    return {
      file,
      write: (rows) => {
        for (const row of rows) file.write(csvLine(row));
      },
      finish: () => {},
    };
  };
  if (format === "csv") return [csv];
  const { ParquetRows } = await import("./parquet-rows.js");
  const parquet: MakeFile = ({ name, columns }) => {
    const file = open(`${name}.parquet`);
    const rows = new ParquetRows(columns, (bytes) => file.writeBytes(bytes));
    return { file, write: (some) => rows.write(some), finish: () => rows.finish() };
  };
  return format === "parquet" ? [parquet] : [csv, parquet];
}
