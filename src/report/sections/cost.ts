import { US_PER_SECOND } from "../../basics/units.js";
import type { Configuration } from "../../results/configurations.js";
import type { Metric } from "../../results/metrics.js";
import type { Result } from "../../results/result.js";
import { mergeEqualLines } from "../charts/line-chart.js";
import { configurationCells, configurationColumns, estimate } from "../configuration-cells.js";
import type { Dataset } from "../dataset.js";
import { formatMemory, formatValue } from "../format-cell.js";
import type { LeftOut, Section } from "../section.js";

const STARTUP: Metric = {
  name: "startupSeconds",
  title: "startup, all invocations",
  unit: "microseconds",
  better: "lower",
  of: ({ timesUs }) => (timesUs.startup.mean * timesUs.startup.count) / US_PER_SECOND,
};
const WASTED: Metric = {
  name: "wastedByteSeconds",
  title: "wasted",
  unit: "byte-seconds",
  better: "lower",
  of: ({ memory }) => memory.wastedByteSeconds,
};
/** From this ratio of the greatest to the least value on, an axis is logarithmic. */
const WIDE = 30;

interface Cost {
  readonly configuration: Configuration<Result>;
  readonly startupSeconds: number;
  readonly wastedByteSeconds: number;
}

/**
 * The cost of waiting and of idle memory, and the frontier of the configurations that no other one
 * beats in both.
 */
export function costSection({
  configurations,
  labels,
  isOneWorkload,
  overloaded,
  maxLost,
}: Dataset): Section | LeftOut {
  const costs = configurations.map(costOf);
  const sound = costs.filter(({ configuration }) => !overloaded.has(configuration));
  if (costs.length < 2) return { leftOut: "cost against memory (there is one configuration)" };
  const frontier = isOneWorkload ? frontierOf(sound) : [];
  const lines = labels.map((label, style) => ({
    label,
    style,
    points: sound
      .filter(({ configuration }) => configuration.label === label)
      .map((cost) => ({ ...pointOf(cost), isMarked: frontier.includes(cost) })),
  }));
  return {
    id: "cost",
    title: "Cost against memory",
    text: `Each mark is a configuration; lines join those of a policy by rising memory limit. It shows how long the invocations waited for their handlers, and how much memory was idle for how long (1 GB·s: 10⁹ bytes for one second). Ringed marks, on the dashed line, are the frontier: no other configuration is better in both. Configurations that lost more than ${formatValue(maxLost, "ratio")} of their invocations are in the table only.`,
    figures:
      sound.length < 2
        ? []
        : [
            {
              id: "cost",
              caption: null,
              chart: {
                kind: "lines",
                data: mergeEqualLines(lines).filter(({ points }) => points.length > 0),
                options: {
                  label: "Startup seconds against wasted memory time, one line per policy",
                  shape: "lines",
                  guide: frontier.map(pointOf),
                  x: {
                    ...axisOf(
                      "wasted memory (GB·s",
                      sound.map(({ wastedByteSeconds }) => wastedByteSeconds),
                    ),
                    format: (byteSeconds) =>
                      formatValue(byteSeconds, "byte-seconds").replace(" GB·s", ""),
                  },
                  y: {
                    ...axisOf(
                      "startup of all invocations (s",
                      sound.map(({ startupSeconds }) => startupSeconds),
                    ),
                    format: (seconds) => formatValue(seconds, "count"),
                  },
                },
              },
            },
          ],
    table: {
      id: "cost",
      columns: [
        ...configurationColumns,
        { name: STARTUP.name, title: STARTUP.title, unit: "seconds" },
        { name: WASTED.name, title: WASTED.title, unit: "byte-seconds" },
        { name: "frontier", title: "on the frontier", unit: "text" },
      ],
      rows: costs.map((cost) => [
        ...configurationCells(cost.configuration),
        estimate(cost.configuration, STARTUP),
        estimate(cost.configuration, WASTED),
        frontier.includes(cost) ? "yes" : "no",
      ]),
    },
    isTableOpen: false,
  };
}

/** The configurations that no other one beats in both costs, by rising waste. */
function frontierOf(costs: readonly Cost[]): Cost[] {
  let least = Number.POSITIVE_INFINITY;
  return costs
    .toSorted(
      (a, b) => a.wastedByteSeconds - b.wastedByteSeconds || a.startupSeconds - b.startupSeconds,
    )
    .filter(({ startupSeconds }) => {
      if (startupSeconds >= least) return false;
      least = startupSeconds;
      return true;
    });
}

function costOf(configuration: Configuration<Result>): Cost {
  const startupSeconds = estimate(configuration, STARTUP)!.value;
  const wastedByteSeconds = estimate(configuration, WASTED)!.value;
  return { configuration, startupSeconds, wastedByteSeconds };
}

function pointOf({ configuration, startupSeconds, wastedByteSeconds }: Cost) {
  const wasted = formatValue(wastedByteSeconds, "byte-seconds");
  const startup = formatValue(startupSeconds, "seconds");
  const name = `${configuration.label} at ${formatMemory(configuration.memoryBytes)}`;
  const tip = `${name}: ${startup}, ${wasted} wasted`;
  return { x: wastedByteSeconds, y: startupSeconds, tip };
}

/**
 * An axis from 0, or a logarithmic one if the values have a wide range. `title` ends with the unit,
 * without the closing bracket.
 */
function axisOf(title: string, values: readonly number[]) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low <= 0 || high / low < WIDE) {
    return { title: `${title})`, kind: "linear", domain: [0, high * 1.05] } as const;
  }
  const domain = [low / 1.3, high * 1.3] as const;
  return { title: `${title}, log scale)`, kind: "log", domain } as const;
}
