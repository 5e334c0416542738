import { deviation, mean, quantileSorted } from "d3-array";
import { assert } from "../basics/errors.js";
import { RandomStreams } from "../basics/random.js";
import { studentQuantile } from "./student-quantile.js";

export const INTERVAL_METHODS = ["t", "bootstrap"] as const;
/**
 * How an interval for a mean is calculated from repeats:
 * - `t`: Student's t on the repeats' deviation; exact for normal repeats, and valid for few.
 * - `bootstrap`: percentiles of means of resampled repeats (Efron and Tibshirani, An Introduction to
 *   the Bootstrap, 1993, chapter 13); assumes no distribution, but is too narrow for fewer than
 *   about ten.
 */
export type IntervalMethod = (typeof INTERVAL_METHODS)[number];

export const CONFIDENCE = 0.95;
const RESAMPLES = 10_000;

/** A mean over repeats, and the interval that contains the true mean with 95 % confidence. */
export interface Interval {
  /** Number of repeats. */
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of the sample (divided by count - 1); null for one repeat. */
  readonly deviation: number | null;
  /** Bounds; null for one repeat, which gives no interval. */
  readonly low: number | null;
  readonly high: number | null;
}

/** A mean difference over common seeds. */
export interface PairedDifference extends Interval {
  /** Whether the interval excludes 0; null if there is no interval. */
  readonly isSignificant: boolean | null;
}

/** The mean of at least one repeat, with its interval. */
export function meanInterval(values: readonly number[], method: IntervalMethod = "t"): Interval {
  const count = values.length;
  assert(count > 0, "a mean needs at least one value");
  const centre = mean(values)!;
  if (count === 1) return { count, mean: centre, deviation: null, low: null, high: null };
  const spread = deviation(values)!;
  const [low, high] = method === "t" ? studentBounds(centre, spread, count) : resample(values);
  return { count, mean: centre, deviation: spread, low, high };
}

/**
 * The mean of `values[i] - base[i]`. Both must be from the same seed, and so from the same arrivals
 * and packages (common random numbers: Law, Simulation Modeling and Analysis, 5th ed., sections
 * 10.2.1 and 11.2). The seed's effect on both cancels, so the interval shows smaller differences
 * than two separate intervals do.
 */
export function pairedDifference(
  values: readonly number[],
  base: readonly number[],
  method: IntervalMethod = "t",
): PairedDifference {
  assert(values.length === base.length, `${values.length} values paired with ${base.length}`);
  const interval = meanInterval(
    values.map((value, at) => value - base[at]),
    method,
  );
  return { ...interval, isSignificant: excludesZero(interval) };
}

function excludesZero({ low, high }: Interval): boolean | null {
  return low === null || high === null ? null : low > 0 || high < 0;
}

function studentBounds(centre: number, spread: number, count: number): readonly [number, number] {
  const reach = (studentQuantile((1 + CONFIDENCE) / 2, count - 1) * spread) / Math.sqrt(count);
  return [centre - reach, centre + reach];
}

/**
 * The bounds of the mean of resampled repeats. The random stream depends only on its name, so equal
 * values give equal bounds.
 */
function resample(values: readonly number[]): readonly [number, number] {
  const random = new RandomStreams(0).get("statistics/bootstrap");
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++) {
      sum += values[Math.floor(random.next() * values.length)];
    }
    return sum / values.length;
  }).toSorted((a, b) => a - b);
  const tail = (1 - CONFIDENCE) / 2;
  return [quantileSorted(means, tail)!, quantileSorted(means, 1 - tail)!];
}
