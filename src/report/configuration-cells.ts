import { type Configuration, summarise } from "../results/configurations.js";
import type { Metric } from "../results/metrics.js";
import { formatMemory } from "./format-cell.js";
import type { Cell, Column, Estimate } from "./table.js";

/** The columns that name a configuration. */
export const configurationColumns: readonly Column[] = [
  { name: "policy", title: "policy", unit: "text" },
  { name: "memory", title: "memory", unit: "bytes" },
  { name: "seeds", title: "seeds", unit: "integer" },
];

/** A configuration's cells in these columns. A memory limit is a number, and no limit is text. */
export function configurationCells({ label, memoryBytes, results }: Configuration): Cell[] {
  return [label, memoryBytes ?? formatMemory(null), results.length];
}

/** A metric's mean over the seeds with its interval; null if a run does not have the metric. */
export function estimate(configuration: Configuration, metric: Metric): Estimate | null {
  const interval = summarise(configuration, metric);
  if (interval === null) return null;
  return { value: interval.mean, low: interval.low, high: interval.high };
}
