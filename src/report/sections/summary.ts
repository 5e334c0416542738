import { type Configuration, compare, summarise } from "../../results/configurations.js";
import { METRICS, type Metric } from "../../results/metrics.js";
import type { Result } from "../../results/result.js";
import { configurationCells, configurationColumns } from "../configuration-cells.js";
import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";
import type { Cell, Column, Estimate } from "../table.js";

type Group = readonly Configuration<Result>[];

/**
 * Metrics that have no best value. A start from a Zygote is better than a cold start and worse than a
 * warm one, so a larger share of them is neither good nor bad.
 */
const UNRANKED: ReadonlySet<string> = new Set(["zygoteRatio"]);

/** The main metrics of every configuration, with the best of each memory size marked. */
export function summarySection({ groups }: Dataset): Section {
  const columns: readonly Column[] = [
    ...configurationColumns,
    ...METRICS.map(({ name, title, unit }) => ({ name, title, unit })),
  ];
  return {
    id: "summary",
    title: "Summary",
    text:
      "One row per configuration: the mean over its seeds ± half the 95 % confidence interval (Student's t), if there are " +
      "at least two seeds. Of the rows with one memory size, ★ is the best of a column, and ☆ cannot be distinguished " +
      "from it: the interval of the difference, paired by seed, contains 0. Shares are of all invocations; lost ones failed, " +
      "timed out or were rejected. Startup is the time from arrival to handler ready. Wasted is the memory of idle containers and Zygotes.",
    figures: [],
    table: { id: "summary", columns, rows: groups.flatMap(rowsOf) },
    isTableOpen: true,
  };
}

function rowsOf(group: Group): Cell[][] {
  const cells = METRICS.map((metric) => cellsOf(group, metric));
  return group.map((configuration, row) => [
    ...configurationCells(configuration),
    ...cells.map((ofMetric) => ofMetric[row]!),
  ]);
}

function cellsOf(group: Group, metric: Metric): Cell[] {
  const means = group.map((configuration) => summarise(configuration, metric));
  const values = means.flatMap((interval) => (interval === null ? [] : [interval.mean]));
  const best = metric.better === "lower" ? Math.min(...values) : Math.max(...values);
  const isContest = !UNRANKED.has(metric.name) && values.some((value) => value !== best);
  const winner = group[means.findIndex((interval) => interval?.mean === best)];
  return means.map((interval, at): Estimate | null => {
    if (interval === null) return null;
    const { mean: value, low, high } = interval;
    if (!isContest) return { value, low, high };
    if (value === best) return { value, low, high, mark: "best" };
    const difference = compare(group[at], winner, metric);
    const isTied = difference !== null && difference.isSignificant === false;
    return { value, low, high, mark: isTied ? "tied" : undefined };
  });
}
