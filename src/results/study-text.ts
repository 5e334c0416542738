import { unreachable } from "../basics/errors.js";
import { BYTES_PER_GIB, formatBytes, formatUsWithDigits, SHOWN_DIGITS } from "../basics/units.js";
import { describeOverload, isOverloaded, whyNotCompared } from "./comparability.js";
import { type Configuration, compare, summarise } from "./configurations.js";
import { findDifferentWork } from "./doubts.js";
import { MAX_LOST } from "./loss.js";
import { METRICS, type Metric } from "./metrics.js";
import { describeCatalogue, describeCosts } from "./result-text.js";
import type { Interval, IntervalMethod, PairedDifference } from "./statistics.js";
import { textTable } from "./text-table.js";

const SECONDS_PER_HOUR = 3600;

/** The metrics that fit a terminal's width. */
const SHOWN = METRICS.filter(({ name }) =>
  [
    ...["lostRatio", "coldRatio", "zygoteRatio", "startupMeanUs", "startupP99Us"],
    "wastedByteSeconds",
  ].includes(name),
);

/** How a study is shown. */
export interface StudyView {
  readonly method: IntervalMethod;
  /** Largest share of invocations that a configuration may lose and still be compared. */
  readonly maxLost: number;
  /** Columns of the terminal; undefined: lines are as long as needed. */
  readonly width?: number | undefined;
}

const VIEW: StudyView = { method: "t", maxLost: MAX_LOST };

/**
 * A study as text: what must not be compared, each configuration's means with their 95 % intervals
 * over seeds, then the differences of the others from the first with the same memory, paired by
 * seed.
 */
export function renderStudy(
  configurations: readonly Configuration[],
  view: Partial<StudyView> = {},
): string {
  const { method, maxLost, width } = { ...VIEW, ...view };
  const [first] = configurations;
  if (first === undefined) return "no result\n";
  const rows = configurations.map((each) => [
    ...headOf(each, each.results.length, isOverloaded(each, maxLost) ? "!" : " "),
    ...SHOWN.map((metric) => formatInterval(summarise(each, metric, method), metric, method)),
  ]);
  const heading = ["mean, 95 % interval", "memory", "seeds", ...SHOWN.map(({ title }) => title)];
  const means = textTable([heading, ...rows], { width, heads: HEADS });
  return [
    renderDoubts(configurations, maxLost),
    `${means}${BASE}\n${renderStudyInputs(configurations)}`,
    renderDifferences(first, configurations, { method, maxLost, width }),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** Policy and memory. */
const HEADS = 2;
const BASE = "shares are of all invocations that arrived; lost: failed, timed out or rejected";

/** Which packages functions have, and what the costs are, each once. */
function renderStudyInputs(configurations: readonly Configuration[]): string {
  const inputs = configurations.flatMap(({ results }) =>
    results.flatMap(({ run }) => run.inputs ?? []),
  );
  if (inputs.length === 0) return "";
  const distinct = (texts: readonly string[]) => [...new Set(texts)].join("; ");
  return `packages: ${distinct(inputs.map(describeCatalogue))}\ncosts: ${distinct(inputs.map(describeCosts))}\n`;
}

function renderDoubts(configurations: readonly Configuration[], maxLost: number): string {
  const [overload, ...memories] = describeOverload(configurations, maxLost);
  const doubts = findDifferentWork(configurations).map((text) => `warning: ${text}\n`);
  if (overload === undefined) return doubts.join("");
  const lines = memories.map((text) => `  ${text}\n`);
  return `warning: overloaded: ${overload} They are marked with !.\n${lines.join("")}${doubts.join("")}`;
}

function renderDifferences(
  first: Configuration,
  configurations: readonly Configuration[],
  { method, maxLost, width }: StudyView,
): string {
  const pairs = configurations.flatMap((each) => {
    const base = configurations.find(
      ({ label, memoryBytes }) => label === first.label && memoryBytes === each.memoryBytes,
    );
    return base === undefined || base === each ? [] : [{ each, base }];
  });
  if (pairs.length === 0) return "";
  const compared = pairs.filter(
    ({ each, base }) => whyNotCompared(each, base, maxLost) === undefined,
  );
  const left = pairs.length - compared.length;
  const note =
    left === 0
      ? ""
      : `${left} of ${pairs.length} differences are left out: ${reasonsOf(pairs, maxLost)}\n`;
  if (compared.length === 0) return note;
  const heading = [`less ${first.label}`, "memory", "seeds", ...SHOWN.map(({ title }) => title)];
  const rows = compared.map(({ each, base }) => differenceRow(each, base, method));
  return `${textTable([heading, ...rows], { width, heads: HEADS })}* the interval of the difference over common seeds excludes 0\n${note}`;
}

/** Why pairs are not compared: the overloaded ones together, each other reason once. */
function reasonsOf(
  pairs: readonly { readonly each: Configuration; readonly base: Configuration }[],
  maxLost: number,
): string {
  const reasons = pairs.flatMap(({ each, base }) => {
    const isLost = isOverloaded(each, maxLost) || isOverloaded(base, maxLost);
    return isLost ? "one of the two lost too much" : (whyNotCompared(each, base, maxLost) ?? []);
  });
  return [...new Set(reasons)].join("; ");
}

/**
 * `12.3 ms ± 400 us`, or the bounds if they need not be symmetric; `-` for null. The numbers have
 * more digits if the interval would otherwise contain 0 in print and not in fact.
 */
export function formatInterval(
  interval: Interval | null,
  metric: Metric,
  method: IntervalMethod,
): string {
  if (interval === null) return "-";
  const { mean, low, high } = interval;
  const [formatWith, unit] = formatOf(metric);
  if (low === null || high === null) return `${formatWith(mean, SHOWN_DIGITS)}${unit}`;
  const half = (high - low) / 2;
  // rounding keeps the order, so it can only make a bound 0, or the half as large as the mean
  const hidesZero = (digits: number) =>
    method === "t"
      ? half < Math.abs(mean) && formatWith(half, digits) === formatWith(Math.abs(mean), digits)
      : low * high > 0 &&
        [low, high].some((end) => Number.parseFloat(formatWith(end, digits)) === 0);
  let digits = SHOWN_DIGITS;
  while (hidesZero(digits) && digits < ALL_DIGITS) digits++;
  const format = (value: number) => formatWith(value, digits);
  if (method === "t") return `${format(mean)} ± ${format(half)}${unit}`;
  return `${format(mean)} [${format(low)}, ${format(high)}]${unit}`;
}

/** As many digits as a number has. */
const ALL_DIGITS = 17;

function differenceRow(
  each: Configuration,
  base: Configuration,
  method: IntervalMethod,
): readonly string[] {
  const differences = SHOWN.map((metric) => compare(each, base, metric, method));
  const seeds = Math.max(...differences.map((difference) => difference?.count ?? 0));
  const cells = SHOWN.map((metric, at) => formatDifference(differences[at]!, metric, method));
  return [...headOf(each, seeds), ...cells];
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

function headOf(
  { label, memoryBytes }: Configuration,
  seeds: number,
  mark = " ",
): readonly string[] {
  return [`${mark} ${label}`, formatBytes(memoryBytes ?? Number.POSITIVE_INFINITY), String(seeds)];
}

/** How a value is written, and the unit that follows several values once. */
function formatOf({
  unit,
}: Metric): readonly [format: (value: number, digits: number) => string, unit: string] {
  switch (unit) {
    case "ratio":
      return [(ratio, digits) => (100 * ratio).toFixed(digits - 1), " %"];
    case "microseconds":
      return [formatUsWithDigits, ""];
    case "byte-seconds":
      return [
        (value, digits) => (value / BYTES_PER_GIB / SECONDS_PER_HOUR).toFixed(digits - 1),
        " GiB h",
      ];
    default:
      return unreachable(unit);
  }
}
