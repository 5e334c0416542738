import { lostShare } from "../../results/loss.js";
import { METRICS, type Metric } from "../../results/metrics.js";
import type { HeatCell } from "../charts/heat-map.js";
import { estimate } from "../configuration-cells.js";
import type { Dataset } from "../dataset.js";
import { formatCell, formatMemory, formatShort, formatValue } from "../format-cell.js";
import type { Figure, LeftOut, Section } from "../section.js";
import { UNRANKED } from "./summary.js";

/** The metric that is shown before the reader chooses one. */
const FIRST = "startupMeanUs";

/** One metric of every policy and memory size, chosen by the reader. */
export function heatSection(dataset: Dataset): Section | LeftOut {
  const { configurations, maxLost } = dataset;
  if (configurations.length < 2) return { leftOut: "the heat map (there is one configuration)" };
  const memories = [...new Set(configurations.map(({ memoryBytes }) => memoryBytes))];
  memories.sort((a, b) => (a ?? Number.MAX_VALUE) - (b ?? Number.MAX_VALUE));
  const shown = METRICS.filter(
    (metric) =>
      !UNRANKED.has(metric.name) &&
      configurations.some((each) => (estimate(each, metric)?.value ?? 0) !== 0),
  ).toSorted((a, b) => Number(b.name === FIRST) - Number(a.name === FIRST));
  return {
    id: "heat-map",
    title: "Every policy at every size",
    text: `The mean over the seeds of one metric. A darker cell is better; a hatched one lost more than ${formatValue(maxLost, "ratio")} of its invocations.`,
    choice: "Metric",
    figures: shown.map((metric) => figureOf(metric, dataset, memories)),
    table: { id: "heat-map", columns: [], rows: [] },
    isTableOpen: false,
  };
}

function figureOf(metric: Metric, dataset: Dataset, memories: readonly (number | null)[]): Figure {
  const { configurations, labels } = dataset;
  const direction = metric.better === "lower" ? "lower is better" : "higher is better";
  return {
    id: `heat-${metric.name}`,
    caption: metric.title,
    chart: {
      kind: "heat",
      data: labels.map((label) => ({
        label,
        cells: memories.map((memory) => {
          const found = configurations.find(
            (each) => each.label === label && each.memoryBytes === memory,
          );
          return found === undefined ? undefined : cellOf(found, metric, dataset);
        }),
      })),
      options: {
        label: `${metric.title} of every policy at every memory size`,
        title: `${metric.title} (${direction})`,
        columns: memories.map(formatMemory),
        better: metric.better,
      },
    },
  };
}

function cellOf(
  configuration: Dataset["configurations"][number],
  metric: Metric,
  { overloaded }: Dataset,
): HeatCell {
  const cell = estimate(configuration, metric);
  const place = `${configuration.label} at ${formatMemory(configuration.memoryBytes)}`;
  const full = formatCell(cell, metric.unit);
  if (overloaded.has(configuration)) {
    const lost = `lost ${Math.round(100 * lostShare(configuration))} %`;
    return { value: null, text: lost, tip: `${place}: ${lost}; ${full} of what it served` };
  }
  const text = cell === null ? "-" : formatShort(cell.value, metric.unit);
  return { value: cell?.value ?? null, text, tip: `${place}: ${full}` };
}
