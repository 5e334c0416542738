import { assert } from "../../basics/errors.js";
import type { RandomStream } from "../../basics/random.js";
import { drawGamma } from "../distributions/distributions.js";

/**
 * Gaps between the invocations of one function, in microseconds. The first is drawn as if the
 * process had always been running, so no function begins with the trace (Cox, Renewal Theory,
 * 1962): it is the rest of a gap that is drawn in proportion to its length.
 */
export interface ArrivalProcess {
  firstUs(random: RandomStream): number;
  gapUs(random: RandomStream): number;
}

/** A timer: equal gaps, a random phase. */
export class PeriodicArrivals implements ArrivalProcess {
  readonly #periodUs: number;

  constructor(periodUs: number) {
    this.#periodUs = periodUs;
  }

  firstUs(random: RandomStream): number {
    return random.next() * this.#periodUs;
  }

  gapUs(): number {
    return this.#periodUs;
  }
}

/** Gaps with a gamma distribution: nearly periodic with a small CV, Poisson with a CV of 1. */
export class GammaArrivals implements ArrivalProcess {
  readonly #meanUs: number;
  readonly #shape: number;

  constructor(meanUs: number, cv: number) {
    assert(cv > 0, "a gamma process has a positive CV");
    this.#meanUs = meanUs;
    this.#shape = 1 / cv ** 2;
  }

  /** A length-biased gamma gap is a gamma draw whose shape is larger by 1. */
  firstUs(random: RandomStream): number {
    const gap = drawGamma(random, this.#shape + 1) / this.#shape;
    return random.next() * gap * this.#meanUs;
  }

  gapUs(random: RandomStream): number {
    return (drawGamma(random, this.#shape) / this.#shape) * this.#meanUs;
  }
}

/**
 * Bursts: gaps with a hyperexponential distribution of two phases. Gaps in a burst are short, with
 * mean `meanUs / speed`; gaps between bursts are long. Two moments determine the rest: with the
 * short mean b, the mean m and the second moment S = m^2 (1 + cv^2), the long mean is (S/2 - b^2) /
 * (m - b) - b and its probability is (m - b) / (long - b). A phase has no memory, so the rest of a
 * gap has the distribution of the whole.
 */
export class BurstyArrivals implements ArrivalProcess {
  readonly #meanUs: number;
  readonly #shortUs: number;
  readonly #longUs: number;
  readonly #longShare: number;

  constructor(meanUs: number, cv: number, speed: number) {
    assert(cv > 1 && speed > 1, "a bursty process has a CV and a speed above 1");
    this.#meanUs = meanUs;
    this.#shortUs = meanUs / speed;
    const halfSecondMoment = (meanUs ** 2 * (1 + cv ** 2)) / 2;
    this.#longUs =
      (halfSecondMoment - this.#shortUs ** 2) / (meanUs - this.#shortUs) - this.#shortUs;
    this.#longShare = (meanUs - this.#shortUs) / (this.#longUs - this.#shortUs);
  }

  firstUs(random: RandomStream): number {
    return this.#draw(random, (this.#longShare * this.#longUs) / this.#meanUs);
  }

  gapUs(random: RandomStream): number {
    return this.#draw(random, this.#longShare);
  }

  #draw(random: RandomStream, longShare: number): number {
    const phaseUs = random.next() < longShare ? this.#longUs : this.#shortUs;
    return -Math.log(1 - random.next()) * phaseUs;
  }
}
