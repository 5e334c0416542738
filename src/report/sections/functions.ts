import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";
import type { Cell, Column } from "../table.js";

const PAGE_ROWS = 400;
const NAME_CHARACTERS = 8;
/** From this length on, a name is a hash, and its beginning suffices on the page. */
const LONG_NAME = 24;

/** The numbers of every function: one row per function, with columns for each policy. */
export function functionsSection({ details, detailText }: Dataset): Section {
  const names = new Map<string, number>();
  for (const { result } of details)
    for (const { name, invocations } of result.functions)
      names.set(name, Math.max(names.get(name) ?? 0, invocations));
  const found = details.map(
    ({ result }) => new Map(result.functions.map((each) => [each.name, each])),
  );
  const sorted = [...names].sort(([, a], [, b]) => b - a);
  const left =
    sorted.length > PAGE_ROWS
      ? ` The ${PAGE_ROWS} busiest of ${sorted.length} functions are shown; all are in the CSV and JSON.`
      : "";
  return {
    id: "functions",
    title: "Functions",
    text: `${detailText}${left} Cold starts and startup times of each function under each policy. Long names are cut; a pointer shows the whole name. A click on a heading sorts.`,
    figures: [],
    table: {
      id: "functions",
      columns: [
        {
          name: "function",
          title: "function",
          unit: "text",
          cut: { from: LONG_NAME, to: NAME_CHARACTERS },
        },
        { name: "invocations", title: "invocations", unit: "count" },
        ...details.flatMap(({ label }): Column[] => [
          { name: `cold ${label}`, title: `cold, ${label}`, unit: "count" },
          { name: `startupP50Us ${label}`, title: `p50, ${label}`, unit: "microseconds" },
          { name: `startupP99Us ${label}`, title: `p99, ${label}`, unit: "microseconds" },
        ]),
      ],
      rows: sorted.map(([name, invocations]) => [
        name,
        invocations,
        ...found.flatMap((of): Cell[] => {
          const each = of.get(name);
          return [each?.cold ?? null, each?.startupUs.p50 ?? null, each?.startupUs.p99 ?? null];
        }),
      ]),
    },
    isTableOpen: true,
    hasFilter: true,
    isScreenOnly: true,
    pageRows: PAGE_ROWS,
  };
}
