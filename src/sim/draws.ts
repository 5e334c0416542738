import type { RandomStream } from "../engine/random.js";
import type { Cost } from "./costs.js";

/** Quantiles kept of each cost: a draw is one random number and one look-up. */
const QUANTILES = 1024;
/** Standard normal quantile at 0.99: what "99th percentile" means for a lognormal's sigma. */
const Z99 = 2.3263478740408408;

/** Draws from one cost: lognormal with its median and its 99th percentile. */
export class CostDraws {
  readonly #quantiles: Float64Array;
  readonly #random: RandomStream;

  constructor(cost: Cost, random: RandomStream) {
    const sigma = Math.log(cost.spread) / Z99;
    this.#random = random;
    this.#quantiles = new Float64Array(cost.spread === 1 ? 1 : QUANTILES);
    for (let i = 0; i < this.#quantiles.length; i++) {
      const z = normalQuantile((i + 0.5) / this.#quantiles.length);
      this.#quantiles[i] = cost.value * Math.exp(sigma * z);
    }
  }

  next(): number {
    if (this.#quantiles.length === 1) return this.#quantiles[0]!;
    return this.#quantiles[(this.#random.next() * QUANTILES) | 0]!;
  }
}

/** Inverse of the standard normal distribution, Acklam's rational approximation (2003), error below 1.2e-9 relative. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    const top = horner(
      q,
      [
        -7.784894002430293e-3, -0.3223964580411365, -2.400758277161838, -2.549732539343734,
        4.374664141464968, 2.938163982698783,
      ],
    );
    return (
      top /
      horner(q, [7.784695709041462e-3, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1])
    );
  }
  const q = p - 0.5;
  const r = q * q;
  const top = horner(
    r,
    [
      -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269,
      -30.66479806614716, 2.506628277459239,
    ],
  );
  return (
    (top * q) /
    horner(
      r,
      [
        -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972,
        -13.28068155288572, 1,
      ],
    )
  );
}

function horner(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
