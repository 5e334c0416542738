import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";

const PAGE_ROWS = 1500;

/** The numbers of every function under every policy. */
export function functionsSection({ details, detailText }: Dataset): Section {
  const rows = details
    .flatMap(({ label, result }) => result.functions.map((each) => ({ label, ...each })))
    .sort((a, b) => b.invocations - a.invocations);
  const cut =
    rows.length > PAGE_ROWS
      ? ` The ${PAGE_ROWS} busiest of ${rows.length} rows are shown; all are in the CSV and JSON.`
      : "";
  return {
    id: "functions",
    title: "Functions",
    text: `${detailText}${cut} A click on a heading sorts.`,
    figures: [],
    table: {
      id: "functions",
      columns: [
        { name: "function", title: "function", unit: "text" },
        { name: "policy", title: "policy", unit: "text" },
        { name: "invocations", title: "invocations", unit: "count" },
        { name: "cold", title: "cold", unit: "count" },
        { name: "startupP50Us", title: "startup p50", unit: "microseconds" },
        { name: "startupP99Us", title: "startup p99", unit: "microseconds" },
      ],
      rows: rows.map(({ name, label, invocations, cold, startupUs }) => [
        name,
        label,
        invocations,
        cold,
        startupUs.p50,
        startupUs.p99,
      ]),
    },
    isTableOpen: true,
    hasFilter: true,
    pageRows: PAGE_ROWS,
  };
}
