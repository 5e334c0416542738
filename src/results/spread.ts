import { assert } from "../basics/errors.js";
import type { Spread } from "./bench-result.js";
import { CONFIDENCE } from "./statistics.js";

/**
 * Quantiles by nearest rank, and the interval of the median. Outliers are kept. There must be at
 * least one sample.
 */
export function spreadOf(samples: readonly number[]): Spread {
  const n = samples.length;
  assert(n > 0, "a spread needs at least one sample");
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * n) - 1];
  const outer = outerRank(n);
  return {
    n,
    mean: samples.reduce((sum, value) => sum + value, 0) / n,
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    low: sorted[outer - 1],
    high: sorted[n - outer],
  };
}

/**
 * The rank k, from 1, such that the true median is between the k-th least and the k-th greatest of
 * n samples with 95 % confidence, for any distribution. The number of samples below the median is
 * binomial (n, 1/2), so the probability to miss it is 2 P(B < k) (Conover, Practical Nonparametric
 * Statistics, 3rd ed., section 3.2). Fewer than 6 samples cannot reach this confidence; the rank is
 * then 1, for the least and the greatest.
 */
export function outerRank(n: number): number {
  let logChance = n * Math.log(0.5); // of B = 0
  let below = Math.exp(logChance); // P(B < k)
  let k = 1;
  while (true) {
    logChance += Math.log((n - k + 1) / k); // of B = k
    below += Math.exp(logChance);
    if (2 * below > 1 - CONFIDENCE) return k;
    k++;
  }
}
