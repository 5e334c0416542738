import { csvField } from "../../basics/csv-field.js";
import type { DataColumn, Value } from "../../results/tables/column.js";

/** The first line of a table as CSV. */
export function csvHeader(columns: readonly DataColumn[]): string {
  return csvLine(columns.map(({ name }) => name));
}

/**
 * One row as a line of CSV. Numbers have no quotes, an unlimited one is `inf`, and a cell without a
 * value is empty.
 */
export function csvLine(row: readonly Value[]): string {
  return `${row.map(csvCell).join(",")}\n`;
}

function csvCell(value: Value): string {
  if (value === null) return "";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  return csvField(String(value));
}
