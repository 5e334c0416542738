import { normalQuantilePpnd7 } from "../distributions/distributions.js";
import type { RunTimes } from "../trace.js";

const SCORE_OF_P99 = 2.3263;
const LEAST_U = 2 ** -33;

/** Lognormal run times with a mean and a ratio of p99 to median, cut at a longest run time. */
export class LogNormalRunTimes implements RunTimes {
  /** Mean before the cut. */
  readonly meanUs: number;
  readonly #mu: number;
  readonly #sigma: number;
  readonly #maxUs: number;

  constructor(meanUs: number, tailRatio: number, maxUs: number) {
    this.meanUs = Math.round(meanUs);
    this.#sigma = Math.log(tailRatio) / SCORE_OF_P99;
    this.#mu = Math.log(meanUs) - this.#sigma ** 2 / 2;
    this.#maxUs = maxUs;
  }

  quantileUs(u: number): number {
    const score = normalQuantilePpnd7(Math.max(u, LEAST_U));
    return Math.round(Math.min(this.#maxUs, Math.exp(this.#mu + this.#sigma * score)));
  }
}
