import type { Configuration } from "../../results/configurations.js";
import { LOST, METRICS, type Metric } from "../../results/metrics.js";
import { rank } from "../../results/ranking.js";
import type { Result } from "../../results/result.js";
import { configurationCells, configurationColumns, estimate } from "../configuration-cells.js";
import type { Dataset } from "../dataset.js";
import { formatValue } from "../format-cell.js";
import type { Section } from "../section.js";
import type { Cell, Column, Estimate } from "../table.js";

/** Index in configurationColumns. */
const MEMORY_COLUMN = 1;

type Group = readonly Configuration<Result>[];

/**
 * Metrics that have no best value. A start from a Zygote is better than a cold start and worse than a
 * warm one, so a larger share of them is neither good nor bad.
 */
export const UNRANKED: ReadonlySet<string> = new Set(["zygoteRatio", "zygoteBuiltRatio"]);

/** Metrics that fit the width of a page of paper. */
const PRINTED: ReadonlySet<string> = new Set([
  "lostRatio",
  "coldRatio",
  "startupMeanUs",
  "startupP99Us",
  "responseMeanUs",
  "wastedByteSeconds",
  "handlerHitRatio",
]);

/** The main metrics of every configuration, with the best of each memory size marked. */
export function summarySection({ groups, overloaded, maxLost }: Dataset): Section {
  const columns: readonly Column[] = [
    ...configurationColumns,
    ...METRICS.map(({ name, title, unit }) => ({
      name,
      title,
      unit,
      isScreenOnly: !PRINTED.has(name),
    })),
  ];
  return {
    id: "summary",
    title: "All means",
    text:
      "One row per configuration: the mean over its seeds ± half the 95 % confidence interval (Student's t), if there are " +
      "at least two seeds. Of the rows with one memory size, ★ is the best of a column if the seeds distinguish it from every other; " +
      "☆ are the best ones if they do not: the interval of a difference, paired by seed, contains 0. A row whose mean is worse than that of a distinguished one is never marked. One seed distinguishes nothing. " +
      `Rows that lost more than ${formatValue(maxLost, "ratio")} are grey and take no part. Shares are of all invocations that arrived; lost ones failed, ` +
      "timed out or were rejected. Startup is the time from arrival to handler ready. Wasted is the memory of idle containers and Zygotes.",
    figures: [],
    table: {
      id: "summary",
      columns,
      rows: groups.flatMap((group) => rowsOf(group, overloaded)),
      groupBy: MEMORY_COLUMN,
      lostRows: new Set(
        groups.flat().flatMap((configuration, at) => (overloaded.has(configuration) ? [at] : [])),
      ),
    },
    isTableOpen: true,
  };
}

function rowsOf(group: Group, overloaded: Dataset["overloaded"]): Cell[][] {
  const competing = group.filter((each) => !overloaded.has(each));
  const marks = METRICS.map((metric) => marksOf(competing, metric));
  return group.map((configuration) => [
    ...configurationCells(configuration),
    ...METRICS.map((metric, at): Cell => {
      const cell = estimate(configuration, metric);
      if (overloaded.has(configuration)) return metric === LOST ? marked(cell, "bad") : cell;
      return marked(cell, marks[at].get(configuration));
    }),
  ]);
}

function marked(cell: Estimate | null, mark: Estimate["mark"]): Cell {
  return cell === null ? null : { ...cell, mark };
}

/** The marks of a metric's leaders. */
function marksOf(group: Group, metric: Metric): ReadonlyMap<Configuration, Estimate["mark"]> {
  if (UNRANKED.has(metric.name)) return new Map();
  const { leaders, isSettled } = rank(group, metric);
  return new Map(leaders.map((each) => [each, isSettled ? "best" : "tied"]));
}
