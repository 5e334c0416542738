import { US_PER_MINUTE } from "../../basics/units.js";

/** One-minute bins over four hours: the histogram of Shahrad et al. (2020), section 4.2. */
export const BINS = 240;

/**
 * Idle times of one application: a histogram, and the sums that a forecast of the next one needs.
 */
export class IdleTimes {
  readonly #bins = new Uint32Array(BINS);
  #inRange = 0;
  #outOfRange = 0;
  #squaredCounts = 0;
  #sumUs = 0;
  #squaredUs = 0;
  #laggedUs = 0;
  #firstUs = 0;
  #lastUs = 0;

  get count(): number {
    return this.#inRange + this.#outOfRange;
  }

  /** Share of idle times longer than the histogram's range. */
  get outOfRangeRatio(): number {
    return this.count === 0 ? 0 : this.#outOfRange / this.count;
  }

  add(us: number): void {
    if (this.count === 0) this.#firstUs = us;
    else this.#laggedUs += us * this.#lastUs;
    this.#sumUs += us;
    this.#squaredUs += us * us;
    this.#lastUs = us;
    const bin = Math.floor(us / US_PER_MINUTE);
    if (bin >= BINS) {
      this.#outOfRange++;
      return;
    }
    this.#inRange++;
    this.#squaredCounts += 2 * this.#bins[bin] + 1; // (n + 1)^2 - n^2
    this.#bins[bin]++;
  }

  /** Coefficient of variation of the bin counts; high if few bins contain most idle times. */
  binCountCv(): number {
    if (this.#inRange === 0) return 0;
    const mean = this.#inRange / BINS;
    return Math.sqrt(Math.max(this.#squaredCounts / BINS - mean * mean, 0)) / mean;
  }

  /** The bin, from 0, in which the share `p` of the idle times in range is reached. */
  percentileBin(p: number): number {
    let below = 0;
    for (let bin = 0; bin < BINS; bin++) {
      below += this.#bins[bin];
      if (below > 0 && below >= p * this.#inRange) return bin;
    }
    return BINS - 1;
  }

  /**
   * The next idle time by a first-order autoregression, in microseconds; the mean if
   * there are fewer than three.
   */
  forecastUs(): number {
    const n = this.count;
    const mean = this.#sumUs / n;
    const variance = this.#squaredUs / n - mean * mean;
    if (n < 3 || variance <= 0) return mean;
    const ends = 2 * this.#sumUs - this.#firstUs - this.#lastUs;
    const covariance = (this.#laggedUs - mean * ends + (n - 1) * mean * mean) / n;
    const persistence = Math.min(Math.max(covariance / variance, -1), 1);
    return Math.max(mean + persistence * (this.#lastUs - mean), 0);
  }
}
