import { quantileSorted } from "d3-array";
import type { RandomStream } from "../../basics/random.js";
import type { Cost } from "./costs.js";
import { normalQuantile } from "./normal-quantile.js";

/** Bits of a random number that one draw uses. */
export const DRAW_BITS = 10;
/** Quantiles kept per cost, so that a draw is one look-up. */
const QUANTILES = 1 << DRAW_BITS;
/**
 * Standard normal quantile at 0.99. The sigma of a lognormal follows from its 99th percentile by
 * it.
 */
const Z99 = 2.3263478740408408;

/**
 * Draws of one cost, from its measured distribution. Without one, from the lognormal distribution
 * with its median and 99th percentile.
 */
export class CostDraws {
  readonly #quantiles: Float64Array;
  readonly #random: RandomStream;

  constructor(cost: Cost, random: RandomStream) {
    this.#random = random;
    const isConstant = cost.sample === undefined && cost.spread === 1;
    this.#quantiles = new Float64Array(isConstant ? 1 : QUANTILES);
    const sigma = Math.log(cost.spread) / Z99;
    for (let i = 0; i < this.#quantiles.length; i++) {
      const share = (i + 0.5) / this.#quantiles.length;
      this.#quantiles[i] =
        cost.sample === undefined
          ? cost.value * Math.exp(sigma * normalQuantile(share))
          : quantileSorted(cost.sample, share)!;
    }
  }

  next(): number {
    if (this.#quantiles.length === 1) return this.#quantiles[0];
    return this.#quantiles[(this.#random.next() * QUANTILES) | 0];
  }

  /** The draw that the lowest bits of a random whole number select. */
  byBits(bits: number): number {
    return this.#quantiles[bits & (this.#quantiles.length - 1)];
  }

  /** The value at the quantile that `normal` has in the standard normal distribution. */
  at(normal: number): number {
    if (this.#quantiles.length === 1) return this.#quantiles[0];
    const step = (normal + NORMAL_REACH) * STEPS_PER_UNIT;
    return this.#quantiles[QUANTILE_OF[Math.max(0, Math.min(QUANTILE_OF.length - 1, step)) | 0]];
  }
}

/** Standard normal numbers beyond this many deviations are cut to this many. */
const NORMAL_REACH = 4;
const STEPS_PER_UNIT = 256;
const NORMALS = Float64Array.from({ length: 4096 }, (_, i) => normalQuantile((i + 0.5) / 4096));
/** Index of the quantile of a normal number, per step from -NORMAL_REACH. */
const QUANTILE_OF: Int32Array = quantileSteps();

function quantileSteps(): Int32Array {
  const steps = new Int32Array(2 * NORMAL_REACH * STEPS_PER_UNIT);
  let index = 0;
  for (let step = 0; step < steps.length; step++) {
    const z = (step + 0.5) / STEPS_PER_UNIT - NORMAL_REACH;
    while (index < QUANTILES - 1 && normalQuantile((index + 1) / QUANTILES) <= z) index++;
    steps[step] = index;
  }
  return steps;
}

/**
 * Correlated standard normal numbers. Those of one operation have a part in common, and this part
 * is correlated with that of the operation before: when the machine is slow, all parts are slow.
 */
export class CorrelatedNormals {
  readonly #random: RandomStream;
  readonly #commonWeight: number;
  readonly #ownWeight: number;
  readonly #memory: number;
  readonly #renewal: number;
  #common = 0;

  /** The rank correlations within one operation, and of one part between successive operations. */
  constructor(within: number, between: number, random: RandomStream) {
    this.#random = random;
    const shared = Math.max(0, pearsonOf(within));
    this.#commonWeight = Math.sqrt(shared);
    this.#ownWeight = Math.sqrt(1 - shared);
    this.#memory = shared === 0 ? 0 : Math.max(0, Math.min(1, pearsonOf(between) / shared));
    this.#renewal = Math.sqrt(1 - this.#memory ** 2);
  }

  /** Begins another operation. */
  begin(): void {
    if (this.#commonWeight === 0) return;
    this.#common = this.#memory * this.#common + this.#renewal * this.#fresh();
  }

  /** The number of the next part of the operation. */
  next(): number {
    return this.#commonWeight * this.#common + this.#ownWeight * this.#fresh();
  }

  #fresh(): number {
    return NORMALS[(this.#random.next() * NORMALS.length) | 0];
  }
}

/** Pearson's correlation of two normal variables with this rank correlation (Kruskal 1958). */
function pearsonOf(rank: number): number {
  return 2 * Math.sin((Math.PI * rank) / 6);
}
