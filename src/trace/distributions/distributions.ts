import { assert } from "../../basics/errors.js";
import { drawNormal, type RandomStream } from "../../basics/random.js";

export function drawLogNormal(random: RandomStream, mu: number, sigma: number): number {
  return Math.exp(mu + sigma * drawNormal(random));
}

/**
 * A lognormal rounded to the nearest integer, given that it is at least 1: P(k) is proportional to
 * F(k + 1/2) - F(k - 1/2). It is drawn by rejection.
 */
export function drawDiscretisedLogNormal(random: RandomStream, mu: number, sigma: number): number {
  assert(
    mu + 4 * sigma > 0,
    "a discretised lognormal is 1 or more often enough to be drawn by rejection",
  );
  for (;;) {
    const rounded = Math.round(drawLogNormal(random, mu, sigma));
    if (rounded >= 1) return rounded;
  }
}

/** Burr type XII at probability `u`, by inversion of F(x) = 1 - (1 + (x / scale)^c)^-d. */
export function burrQuantile(u: number, c: number, d: number, scale: number): number {
  return scale * ((1 - u) ** (-1 / d) - 1) ** (1 / c);
}

/**
 * Gamma draw with mean `shape` (scale 1), by Marsaglia and Tsang, "A simple method for generating
 * gamma variables" (ACM TOMS 2000). A shape below 1 is boosted as their section 6 describes; draws
 * of a very small shape are mostly 0 in double precision.
 */
export function drawGamma(random: RandomStream, shape: number): number {
  if (shape < 1) {
    return drawGamma(random, shape + 1) * (1 - random.next()) ** (1 / shape);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.next()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Shares of `count` parts that sum to 1, from a symmetric Dirichlet distribution. */
export function drawShares(random: RandomStream, count: number, concentration: number): number[] {
  const parts = Array.from({ length: count }, () => drawGamma(random, concentration));
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => (total > 0 ? part / total : 1 / count));
}

/** Standard normal distribution function; Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const polynomial =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return z >= 0 ? 1 - upper : upper;
}

/** Standard normal quantile of `u` in (0, 1): Wichura's AS 241, PPND7, about 7 digits (1988). */
export function normalQuantilePpnd7(u: number): number {
  const q = u - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q * (((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)) /
      (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1)
    );
  }
  const distance = Math.sqrt(-Math.log(q < 0 ? u : 1 - u));
  const near = distance - 1.6;
  const far = distance - 5;
  const size =
    distance <= 5
      ? (((0.17023821103 * near + 1.3067284816) * near + 2.75681539) * near + 1.4234372777) /
        ((0.12021132975 * near + 0.7370016425) * near + 1)
      : (((0.017337203997 * far + 0.42868294337) * far + 3.081226386) * far + 6.657905115) /
        ((0.012258202635 * far + 0.24197894225) * far + 1);
  return q < 0 ? -size : size;
}

/** A quantile of a distribution: its probability and its value. */
export type Quantile = readonly [probability: number, value: number];

/**
 * A distribution of which some quantiles are known, for published tables. Between two positive
 * values the logarithm is interpolated; below the first quantile the value is 0.
 */
export class QuantileTable {
  readonly #quantiles: readonly Quantile[];

  constructor(quantiles: readonly Quantile[]) {
    const last = quantiles[quantiles.length - 1];
    assert(last !== undefined && last[0] === 1, "a quantile table ends at probability 1");
    this.#quantiles = quantiles;
  }

  at(u: number): number {
    const above = this.#quantiles.findIndex(([probability]) => u <= probability);
    if (above <= 0) return above === 0 && u === this.#quantiles[0][0] ? this.#quantiles[0][1] : 0;
    const [u0, value0] = this.#quantiles[above - 1];
    const [u1, value1] = this.#quantiles[above];
    return value0 * (value1 / value0) ** ((u - u0) / (u1 - u0));
  }
}

/** Weights (rank + q)^-s of ranks 1 to `count`: Zipf's law as Mandelbrot (1953) corrected it. */
export function zipfMandelbrotWeights(count: number, s: number, q: number): number[] {
  return Array.from({ length: count }, (_, i) => (i + 1 + q) ** -s);
}

/**
 * Draws an index in proportion to its weight, in constant time: Walker's alias method (1977), with
 * the table built as by Vose (1991).
 */
export class AliasTable {
  readonly #probability: Float64Array;
  readonly #alias: Int32Array;

  constructor(weights: readonly number[]) {
    const count = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    assert(
      total > 0 && weights.every((weight) => weight >= 0),
      "weights are not negative, and at least one is above 0",
    );
    const scaled = weights.map((weight) => (weight * count) / total);
    this.#probability = new Float64Array(count).fill(1);
    this.#alias = Int32Array.from({ length: count }, (_, i) => i);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < count; i++) (scaled[i] < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const less = small.pop()!;
      const more = large.pop()!;
      this.#probability[less] = scaled[less];
      this.#alias[less] = more;
      scaled[more] = scaled[more] + scaled[less] - 1;
      (scaled[more] < 1 ? small : large).push(more);
    }
  }

  draw(random: RandomStream): number {
    const i = Math.floor(random.next() * this.#probability.length);
    return random.next() < this.#probability[i] ? i : this.#alias[i];
  }
}
