import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";

/** The warnings of the runs. */
export function warningsSection({ results }: Dataset): Section {
  const rows = results.flatMap(({ run, warnings }) =>
    warnings.map(({ code, text, count }) => [run.id, code, count, text]),
  );
  return {
    id: "warnings",
    title: "Warnings of the runs",
    text: rows.length === 0 ? "No run has a warning." : "Each warning with how often it occurred.",
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
    isTableOpen: rows.length > 0,
  };
}
