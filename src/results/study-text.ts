import { unreachable } from "../basics/errors.js";
import { BYTES_PER_GIB, formatBytes, formatUs } from "../basics/units.js";
import { type Configuration, compare, summarise } from "./configurations.js";
import { METRICS, type Metric } from "./metrics.js";
import type { Interval, IntervalMethod, PairedDifference } from "./statistics.js";
import { textTable } from "./text-table.js";

const SECONDS_PER_HOUR = 3600;

/** The metrics that fit a terminal's width. */
const SHOWN = METRICS.filter(({ name }) =>
  ["coldRatio", "zygoteRatio", "startupMeanUs", "startupP99Us", "wastedByteSeconds"].includes(name),
);

/**
 * A study as text: each configuration's means with their 95 % intervals over seeds, then the
 * differences of the others from the first with the same memory, paired by seed.
 */
export function renderStudy(
  configurations: readonly Configuration[],
  method: IntervalMethod,
): string {
  const [first] = configurations;
  if (first === undefined) return "no result\n";
  const means = textTable([
    ["mean, 95 % interval", "memory", "seeds", ...SHOWN.map(({ title }) => title)],
    ...configurations.map((each) => [
      ...headOf(each, each.results.length),
      ...SHOWN.map((metric) => formatInterval(summarise(each, metric, method), metric, method)),
    ]),
  ]);
  const differences = configurations.flatMap((each) =>
    differenceRow(each, first, configurations, method),
  );
  if (differences.length === 0) return means;
  const heading = [`less ${first.label}`, "memory", "seeds", ...SHOWN.map(({ title }) => title)];
  const note = "* the interval of the difference over common seeds excludes 0\n";
  return `${means}\n${textTable([heading, ...differences])}${note}`;
}

/** `12.3 ms ± 400 us`, or the bounds if they need not be symmetric; `-` for null. */
export function formatInterval(
  interval: Interval | null,
  metric: Metric,
  method: IntervalMethod,
): string {
  if (interval === null) return "-";
  const { mean, low, high } = interval;
  const [format, unit] = formatOf(metric);
  if (low === null || high === null) return `${format(mean)}${unit}`;
  if (method === "t") return `${format(mean)} ± ${format((high - low) / 2)}${unit}`;
  return `${format(mean)} [${format(low)}, ${format(high)}]${unit}`;
}

function differenceRow(
  each: Configuration,
  first: Configuration,
  all: readonly Configuration[],
  method: IntervalMethod,
): readonly (readonly string[])[] {
  const base = all.find(
    ({ label, memoryBytes }) => label === first.label && memoryBytes === each.memoryBytes,
  );
  if (base === undefined || base === each) return [];
  const differences = SHOWN.map((metric) => compare(each, base, metric, method));
  const seeds = Math.max(...differences.map((difference) => difference?.count ?? 0));
  const cells = SHOWN.map((metric, at) => formatDifference(differences[at]!, metric, method));
  return [[...headOf(each, seeds), ...cells]];
}

function formatDifference(
  difference: PairedDifference | null,
  metric: Metric,
  method: IntervalMethod,
): string {
  const text = formatInterval(difference, metric, method);
  const signed = difference !== null && difference.mean > 0 ? `+${text}` : text;
  return `${signed}${difference?.isSignificant ? " *" : "  "}`;
}

function headOf({ label, memoryBytes }: Configuration, seeds: number): readonly string[] {
  return [`  ${label}`, formatBytes(memoryBytes ?? Number.POSITIVE_INFINITY), String(seeds)];
}

/** How a value is written, and the unit that follows several values once. */
function formatOf({ unit }: Metric): readonly [format: (value: number) => string, unit: string] {
  switch (unit) {
    case "ratio":
      return [(ratio) => (100 * ratio).toFixed(2), " %"];
    case "microseconds":
      return [formatUs, ""];
    case "byte-seconds":
      return [(value) => (value / BYTES_PER_GIB / SECONDS_PER_HOUR).toFixed(2), " GiB h"];
    default:
      return unreachable(unit);
  }
}
