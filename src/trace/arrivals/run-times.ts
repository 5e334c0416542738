import type { RunTimes } from "../trace.js";

/** The probabilities at which Azure 2019 and InVitro state a function's run times. */
export const RUN_TIME_PERCENTILES = [0, 1, 25, 50, 75, 99, 100] as const;

const MIN_EXPONENT = 0.1;
const MAX_EXPONENT = 64;

/**
 * Run times of which seven percentiles and the average are known. Up to the 75th percentile they
 * are linear in the probability between two neighbouring percentiles, as in InVitro (Ustiugov et
 * al., WORDS 2023). In the two upper segments, 75 to 99 and 99 to 100, a run time is
 * `lo + (hi - lo) * t ** k`; t goes from 0 at the segment's lower end to 1 at its upper end. The
 * exponent k makes the distribution's mean equal the stated average; k is clamped to [0.1, 64].
 * Straight lines in these segments overstate the load of heavy-tailed functions
 * (docs/evidence/reading-traces.md).
 */
export class PercentileRunTimes implements RunTimes {
  readonly meanUs: number;
  readonly #p0: number;
  readonly #p1: number;
  readonly #p25: number;
  readonly #p50: number;
  readonly #p75: number;
  readonly #p99: number;
  readonly #p100: number;
  readonly #exponent: number;

  /**
   * `percentilesUs`: run times at RUN_TIME_PERCENTILES; they are sorted first. `averageUs`: the
   * stated mean; undefined: all segments are straight lines, and the mean is theirs.
   */
  constructor(percentilesUs: readonly number[], averageUs: number | undefined) {
    const [p0, p1, p25, p50, p75, p99, p100] = percentilesUs.toSorted((a, b) => a - b);
    this.#p0 = p0;
    this.#p1 = p1;
    this.#p25 = p25;
    this.#p50 = p50;
    this.#p75 = p75;
    this.#p99 = p99;
    this.#p100 = p100;
    this.#exponent = averageUs === undefined ? 1 : this.#fitExponent(averageUs);
    this.meanUs = averageUs ?? this.drawnMeanUs;
  }

  /** Exponent of the two upper segments; 1 is a straight line. */
  get exponent(): number {
    return this.#exponent;
  }

  /**
   * Mean of the run times that `quantileUs` gives: the stated average unless the exponent was
   * clamped.
   */
  get drawnMeanUs(): number {
    const rise = 0.24 * (this.#p99 - this.#p75) + 0.01 * (this.#p100 - this.#p99);
    return this.#meanWithoutRise() + rise / (this.#exponent + 1);
  }

  quantileUs(u: number): number {
    return Math.floor(this.#valueAt(u) + 0.5);
  }

  #valueAt(u: number): number {
    if (u < 0.75) {
      if (u < 0.25) {
        if (u < 0.01) return this.#p0 + (this.#p1 - this.#p0) * (u * 100);
        return this.#p1 + (this.#p25 - this.#p1) * ((u - 0.01) / 0.24);
      }
      if (u < 0.5) return this.#p25 + (this.#p50 - this.#p25) * ((u - 0.25) * 4);
      return this.#p50 + (this.#p75 - this.#p50) * ((u - 0.5) * 4);
    }
    if (u < 0.99) {
      if (this.#p99 === this.#p75) return this.#p75;
      return this.#p75 + (this.#p99 - this.#p75) * raise((u - 0.75) / 0.24, this.#exponent);
    }
    return this.#p99 + (this.#p100 - this.#p99) * raise((u - 0.99) * 100, this.#exponent);
  }

  /**
   * The mean of a segment is lo + (hi - lo) / (k + 1). This sums the segments, except the last term
   * of the upper two.
   */
  #meanWithoutRise(): number {
    const lower =
      0.01 * (this.#p0 + this.#p1) +
      0.24 * (this.#p1 + this.#p25) +
      0.25 * (this.#p25 + this.#p50) +
      0.25 * (this.#p50 + this.#p75);
    return lower / 2 + 0.24 * this.#p75 + 0.01 * this.#p99;
  }

  #fitExponent(averageUs: number): number {
    const rise = 0.24 * (this.#p99 - this.#p75) + 0.01 * (this.#p100 - this.#p99);
    if (rise === 0) return 1;
    const share = (averageUs - this.#meanWithoutRise()) / rise;
    if (share <= 0) return MAX_EXPONENT;
    return Math.min(MAX_EXPONENT, Math.max(MIN_EXPONENT, 1 / share - 1));
  }
}

/** `base ** exponent` for a base of at least 0. It is faster than V8's `**`. */
function raise(base: number, exponent: number): number {
  return Math.exp(exponent * Math.log(base));
}

/** Run times that all equal the mean, for traces that state only the mean. */
export class ConstantRunTimes implements RunTimes {
  readonly meanUs: number;

  constructor(meanUs: number) {
    this.meanUs = meanUs;
  }

  quantileUs(): number {
    return Math.round(this.meanUs);
  }
}
