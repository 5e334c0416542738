import type { Configuration } from "../../results/configurations.js";
import { LOST, METRICS, type Metric } from "../../results/metrics.js";
import { lineChart } from "../charts/line-chart.js";
import { configurationCells, configurationColumns, estimate } from "../configuration-cells.js";
import type { Dataset } from "../dataset.js";
import { formatCell, formatMemory, formatValue } from "../format-cell.js";
import type { Section } from "../section.js";

const SHOWN: readonly Metric[] = METRICS.filter(
  ({ name }) => name === "coldRatio" || name === "zygoteRatio" || name === "lostRatio",
);

/** Cold and zygote starts against memory: the miss-ratio curves of policies. */
export function memoryCurveSection({
  configurations,
  labels,
  overloaded,
  maxLost,
}: Dataset): Section {
  const limits = configurations.flatMap(({ memoryBytes }) => memoryBytes ?? []);
  const largest = Math.max(1, ...limits);
  // "No limit" is drawn at twice the largest limit.
  const place = (memoryBytes: number | null) => memoryBytes ?? 2 * largest;
  const places = [...new Set(configurations.map((each) => place(each.memoryBytes)))];
  places.sort((a, b) => a - b);
  const drawn = places.length > 1 ? SHOWN : [];
  const formatPlace = (bytes: number) => formatMemory(bytes > largest ? null : bytes);
  const linesOf = (metric: Metric) =>
    labels.map((label, style) => ({
      label,
      style,
      points: configurations
        .filter((each) => each.label === label)
        .flatMap((each) =>
          pointOf(each, metric, place(each.memoryBytes)).map((point) => ({
            ...point,
            isBroken: metric !== LOST && overloaded.has(each),
          })),
        ),
    }));
  return {
    id: "memory-curve",
    title: "Cold and zygote starts against memory",
    text: `Shares of all invocations, as means over the seeds; bars show the 95 % interval. A curve is broken, and its mark hollow, if more than ${formatValue(maxLost, "ratio")} of the invocations were lost.${places.length === 1 ? " There is one memory size, and a curve needs several." : ""}`,
    figures: drawn.map((metric) => {
      const lines = linesOf(metric);
      const highest = Math.max(0.001, ...lines.flatMap(({ points }) => points.map(topOf)));
      return {
        caption: `${metric.title} starts`,
        draw: (width) =>
          lineChart(lines, {
            width,
            label: `Share of ${metric.title} starts against memory, one curve per policy`,
            shape: "lines",
            x: {
              title: "memory limit (log scale)",
              kind: "log",
              domain: [places[0], places.at(-1)!],
              ticks: places,
              format: formatPlace,
            },
            y: {
              title: `${metric.title} starts (% of invocations)`,
              kind: "linear",
              domain: [0, 1.05 * highest],
              format: (share) => formatValue(share, "ratio"),
            },
          }),
      };
    }),
    table: {
      id: "memory-curve",
      columns: [
        ...configurationColumns,
        ...SHOWN.map(({ name, title, unit }) => ({ name, title, unit })),
      ],
      rows: configurations.map((each) => [
        ...configurationCells(each),
        ...SHOWN.map((metric) => estimate(each, metric)),
      ]),
    },
    isTableOpen: false,
  };
}

function pointOf(configuration: Configuration, metric: Metric, x: number) {
  const cell = estimate(configuration, metric);
  if (cell === null) return [];
  const { value, low, high } = cell;
  const memory = formatMemory(configuration.memoryBytes);
  const tip = `${configuration.label} at ${memory}: ${formatCell(cell, metric.unit)} ${metric.title}`;
  return [{ x, y: value, low, high, tip }];
}

function topOf({ y, high }: { readonly y: number; readonly high: number | null }): number {
  return high ?? y;
}
