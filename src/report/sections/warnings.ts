import type { Dataset } from "../dataset.js";
import type { LeftOut, Section } from "../section.js";

const PAGE_ROWS = 200;

/** The warnings of the runs. */
export function warningsSection({ results }: Dataset): Section | LeftOut {
  const rows = results.flatMap(({ run, warnings }) =>
    warnings.map(({ code, text, count }) => [run.id, code, count, text]),
  );
  if (rows.length === 0) return { leftOut: "warnings of the runs (no run has one)" };
  return {
    id: "warnings",
    title: "Warnings of the runs",
    text: "Each warning with how often it occurred.",
    figures: [],
    table: {
      id: "warnings",
      columns: [
        { name: "run", title: "run", unit: "text" },
        { name: "code", title: "code", unit: "text" },
        { name: "count", title: "times", unit: "count" },
        { name: "text", title: "about", unit: "text" },
      ],
      rows,
    },
    isTableOpen: true,
    isScreenOnly: true,
    pageRows: PAGE_ROWS,
  };
}
