import type { Report } from "./report.js";

const REPORT_SCHEMA = "socklab.report/1";

/** The report as JSON: each row of a table is one object. */
export function reportJson({ title, subject, losses, warnings, sections }: Report): string {
  const tables = sections.map(({ table, title: heading }) => ({
    id: table.id,
    title: heading,
    columns: table.columns,
    rows: table.rows.map((row) =>
      Object.fromEntries(row.map((cell, at) => [table.columns[at].name, cell])),
    ),
  }));
  return `${JSON.stringify({ schema: REPORT_SCHEMA, title, subject, losses, warnings, tables })}\n`;
}
