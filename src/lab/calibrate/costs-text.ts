import { formatBytes, formatUs } from "../../basics/units.js";
import { textTable } from "../../results/text-table.js";
import type { Cost, Costs } from "../../sim/costs/costs.js";

/** The text of a cost file: one paragraph per cost, with its sample on one line. */
export function writeCosts(costs: Costs): string {
  const text = JSON.stringify(costs, null, 2);
  const onOneLine = text.replaceAll(/\[[\s\d.,e+-]*\]/g, (list) => list.replaceAll(/\s+/g, " "));
  return `${onOneLine}\n`;
}

/**
 * The costs as a table: value, spread, interval, n, and the number of the source in the list below
 * it. `width`: columns of the terminal; undefined: as wide as needed.
 */
export function renderCosts(
  {
    costs,
    observed = {},
    contention,
    correlation,
  }: Pick<Costs, "costs" | "observed" | "contention" | "correlation">,
  width?: number,
): string {
  const all = [...Object.entries(costs), ...Object.entries(observed)];
  const sources = [...new Set(all.map(([, { source }]) => source))];
  const rows = all.map(([name, cost]) => [
    ...rowOf(name, cost),
    `[${sources.indexOf(cost.source) + 1}]`,
  ]);
  const table = textTable([[...HEAD, "source"], ...rows], { width });
  const { withinOperation, betweenOperations } = correlation ?? {};
  const lines = [
    ...(contention?.burn ?? []).map(
      ({ jobsPerCore, speed }) => `${jobsPerCore} jobs per core run at ${speed} of one job's speed`,
    ),
    ...(contention?.creations ?? []).map(
      ({ atOnce, slowdown }) => `${atOnce} creations at once take ${slowdown} of one's time`,
    ),
    ...(correlation === undefined
      ? []
      : [
          `rank correlation of a creation's parts ${withinOperation}, of successive creations ${betweenOperations}`,
        ]),
  ];
  const list = sources.map((source, at) => `[${at + 1}] ${source}\n`).join("");
  return `${table}\n${list}\n${lines.map((line) => `${line}\n`).join("")}`;
}

const HEAD = ["cost", "median", "p99/p50", "low", "high", "n"];

function rowOf(name: string, cost: Cost): string[] {
  const { value, spread, low, high, n, unit } = cost;
  const bound = (each: number | undefined) => (each === undefined ? "-" : withUnit(each, unit));
  return [
    name,
    withUnit(value, unit),
    String(spread),
    bound(low),
    bound(high),
    n === undefined ? "-" : String(n),
  ];
}

/** A value with its unit, for people. */
export function withUnit(value: number, unit: Cost["unit"]): string {
  switch (unit) {
    case "us":
      return formatUs(value);
    case "us/MiB":
      return `${formatUs(value)}/MiB`;
    case "bytes":
      return formatBytes(value);
    case "bytes/s":
      return `${formatBytes(value)}/s`;
    case "ratio":
    case "count":
      return String(value);
  }
}
