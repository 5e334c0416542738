import { median, quantileSorted } from "d3-array";
import { assert } from "../../basics/errors.js";
import { type Cost, MOST_SAMPLES } from "../../sim/costs/costs.js";

/** Significant digits of measured values. Further digits are noise. */
const DIGITS = 4;
/** Standard normal quantile at 0.975. */
const Z975 = 1.96;

/** Makes a cost from all measured values, outliers included. `values` is not empty. */
export function costOf(values: readonly number[], unit: Cost["unit"], source: string): Cost {
  assert(values.length > 0, `no values: ${source}`);
  const sorted = values.map((value) => Math.max(0, value)).sort((a, b) => a - b);
  const centre = quantileSorted(sorted, 0.5)!;
  const [low, high] = medianInterval(sorted);
  return {
    value: rounded(centre),
    spread: centre === 0 ? 1 : Math.max(1, rounded(quantileSorted(sorted, 0.99)! / centre)),
    unit,
    source,
    n: sorted.length,
    low: rounded(low),
    high: rounded(high),
    ...(sorted.length < 2 ? {} : { sample: thinned(sorted) }),
  };
}

/** Makes a cost with one value, measured or set. */
export function constantCost(value: number, unit: Cost["unit"], source: string): Cost {
  return { value: rounded(value), spread: 1, unit, source };
}

/**
 * 95 % interval of the median of sorted values: the values at ranks n/2 -+ 0.98 sqrt(n), by the
 * normal approximation to the binomial (Conover, Practical Nonparametric Statistics, 3rd ed., 3.2).
 */
export function medianInterval(sorted: readonly number[]): readonly [low: number, high: number] {
  const n = sorted.length;
  const reach = (Z975 * Math.sqrt(n)) / 2;
  const at = (rank: number) => sorted[Math.max(0, Math.min(n - 1, rank))];
  return [at(Math.floor(n / 2 - reach)), at(Math.ceil(n / 2 + reach) - 1)];
}

/** At most MOST_SAMPLES evenly spaced quantiles, including the smallest and the largest value. */
function thinned(sorted: number[]): number[] {
  const count = Math.min(sorted.length, MOST_SAMPLES);
  return Array.from({ length: count }, (_, at) =>
    rounded(quantileSorted(sorted, at / (count - 1))!),
  );
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

export interface FittedLine {
  readonly intercept: number;
  readonly slope: number;
}

/**
 * Fits a line that outliers do not move: the median of the slopes between all pairs of points, and
 * the median of the residuals (Theil 1950, Sen 1968). A slope below 0 counts as 0.
 */
export function robustLine(points: readonly (readonly [x: number, y: number])[]): FittedLine {
  const slopes: number[] = points.flatMap(([x, y], at) =>
    points.slice(at + 1).flatMap(([x2, y2]) => (x2 === x ? [] : [(y2 - y) / (x2 - x)])),
  );
  const slope = Math.max(0, median(slopes) ?? 0);
  return { slope, intercept: median([...points], ([x, y]) => y - slope * x) ?? 0 };
}

/**
 * Shifts a cost's distribution by `by`, with 0 as the lower limit. `how` is added to its source.
 */
export function shifted(cost: Cost, by: number, how: string): Cost {
  const moved = (value: number) => rounded(Math.max(0, value + by));
  const { value, spread, low, high, sample } = cost;
  const centre = moved(value);
  return {
    ...cost,
    value: centre,
    spread: centre === 0 ? 1 : Math.max(1, rounded(moved(value * spread) / centre)),
    source: `${cost.source}, ${how}`,
    ...(low === undefined ? {} : { low: moved(low) }),
    ...(high === undefined ? {} : { high: moved(high) }),
    ...(sample === undefined ? {} : { sample: sample.map(moved) }),
  };
}
