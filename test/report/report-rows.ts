import type { Report } from "../../src/report/report.js";
import { type Cell, cellValue, type Unit } from "../../src/report/table.js";

const HEAD = ["table", "row", "column", "unit", "value", "low95", "high95", "mark"] as const;

/** One row per cell of every table, with numbers as measured; the header comes first. */
export function reportRows({ sections }: Report): string[][] {
  const cells = sections.flatMap(({ table }) =>
    table.rows.flatMap((row, at) =>
      row.map((cell, column) => {
        const { name, unit } = table.columns[column];
        const place = [table.id, String(at + 1), name, unitOf(cell, unit)];
        return [...place, String(cellValue(cell) ?? ""), ...knownOf(cell)];
      }),
    ),
  );
  return [[...HEAD], ...cells];
}

function unitOf(cell: Cell, unit: Unit): Unit {
  return typeof cell === "object" && cell !== null && "unit" in cell ? (cell.unit ?? unit) : unit;
}

function knownOf(cell: Cell): string[] {
  if (typeof cell !== "object" || cell === null) return ["", "", ""];
  if ("text" in cell) return ["", "", cell.mark];
  return [String(cell.low ?? ""), String(cell.high ?? ""), cell.mark ?? ""];
}
