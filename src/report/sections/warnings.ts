import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";

/** What the runs themselves had doubts about. */
export function warningsSection({ results }: Dataset): Section {
  const rows = results.flatMap(({ run, warnings }) =>
    warnings.map(({ code, text, count }) => [run.id, code, count, text]),
  );
  return {
    id: "warnings",
    title: "Warnings of the runs",
    text: rows.length === 0 ? "No run warned of anything." : "Each with how often it occurred.",
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
