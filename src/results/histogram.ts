import { assert } from "../basics/errors.js";

/** Largest value that a histogram accepts: 2^50 microseconds, 35 years. */
const MAX_VALUE = 2 ** 50;
/** Values that wait to be counted together: a loop over many is faster than as many calls. */
const BATCH = 512;

/**
 * Buckets for non-negative integers, as in an HDR histogram (Tene, hdrhistogram.org): each value
 * below `2^bits` has its own bucket, and so has each in the octave above; every further octave is
 * divided into `2^bits` equal buckets. A value is reported as the middle of its bucket, which
 * differs from it by at most `relativeError`.
 */
export class Buckets {
  readonly bits: number;
  readonly perPage: number;

  constructor(bits: number) {
    this.bits = bits;
    this.perPage = 2 ** bits;
  }

  get relativeError(): number {
    return 2 ** -(this.bits + 1);
  }

  /** Number of the value's bucket; grows with the value. */
  indexOf(value: number): number {
    const perPage = this.perPage;
    if (value < perPage) return value;
    const octave =
      value < 0x8000_0000 ? 31 - Math.clz32(value) : 63 - Math.clz32(value / 0x1_0000_0000);
    const shift = octave - this.bits;
    // Octave 31 counts as wide: its upper word is 0, and `63 - clz32(0)` is 31.
    const sub = octave < 31 ? value >>> shift : Math.floor(value / 2 ** shift);
    return shift * perPage + sub;
  }

  /** Middle of a bucket. */
  valueOf(index: number): number {
    const perPage = this.perPage;
    if (index < 2 * perPage) return index;
    const shift = Math.floor(index / perPage) - 1;
    const sub = index - shift * perPage;
    return sub * 2 ** shift + 2 ** (shift - 1);
  }

  /** Largest integer in a bucket. */
  endOf(index: number): number {
    const perPage = this.perPage;
    if (index < 2 * perPage) return index;
    const shift = Math.floor(index / perPage) - 1;
    const sub = index - shift * perPage;
    return (sub + 1) * 2 ** shift - 1;
  }
}

/**
 * Counts of non-negative integers up to 2^50 with exact count, sum and maximum, and quantiles to
 * within a stated error. Memory is one page of counters per octave with a value, so it does not
 * grow with the number of values. Zero has its own counter, because it is the most common wait.
 */
export class Histogram {
  readonly #buckets: Buckets;
  readonly #pages: (Float64Array | undefined)[] = [];
  readonly #batch = new Float64Array(BATCH);
  #batched = 0;
  #zeros = 0;
  #positives = 0;
  #sum = 0;
  #max = 0;

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
  }

  get count(): number {
    return this.#zeros + this.#positives + this.#batched;
  }
  /** Exact up to 2^53. */
  get sum(): number {
    this.#countBatch();
    return this.#sum;
  }
  /** 0 if the histogram is empty; so are the mean and every quantile. */
  get max(): number {
    this.#countBatch();
    return this.#max;
  }
  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  record(value: number): void {
    assert(value >= 0 && value <= MAX_VALUE, "a recorded time is negative or beyond 2^50 us");
    if (this.#batched === BATCH) this.#countBatch();
    this.#batch[this.#batched++] = value;
  }

  #countBatch(): void {
    const { bits, perPage } = this.#buckets;
    for (let i = 0; i < this.#batched; i++) {
      const value = this.#batch[i];
      if (value === 0) {
        this.#zeros++;
        continue;
      }
      this.#positives++;
      this.#sum += value;
      if (value > this.#max) this.#max = value;
      const index = this.#buckets.indexOf(value);
      const page = this.#pages[index >> bits] ?? this.#addPage(index >> bits);
      page[index & (perPage - 1)]++;
    }
    this.#batched = 0;
  }

  /** Does `record(0)` `count` times. */
  recordZeros(count: number): void {
    this.#zeros += count;
  }

  /** Adds all values that `other` recorded. It must have the same buckets. */
  add(other: Histogram): void {
    assert(this.#buckets === other.#buckets, "histograms of different buckets cannot be added");
    this.#countBatch();
    other.#countBatch();
    this.#zeros += other.#zeros;
    this.#positives += other.#positives;
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
    for (const [number, page] of other.#pages.entries()) {
      if (page === undefined) continue;
      const mine = this.#pages[number] ?? this.#addPage(number);
      for (let i = 0; i < page.length; i++) mine[i] += page[i];
    }
  }

  /**
   * Quantile by nearest rank: the value at rank ceil(p x count) of all values in ascending order,
   * ranks from 1; `p` in [0, 1].
   */
  quantile(p: number): number {
    this.#countBatch();
    let left = rankOf(p, this.count) - this.#zeros;
    if (left <= 0) return 0;
    for (let number = 0; number < this.#pages.length; number++) {
      const page = this.#pages[number];
      if (page === undefined) continue;
      for (let i = 0; i < page.length; i++) {
        left -= page[i];
        if (left > 0) continue;
        return Math.min(this.#buckets.valueOf(number * page.length + i), this.#max);
      }
    }
    return this.#max;
  }

  /**
   * For the end `atMost` of each bucket that has values: the exact number of values up to it;
   * ascending.
   */
  *cumulative(): Generator<{ readonly atMost: number; readonly count: number }> {
    this.#countBatch();
    let count = this.#zeros;
    if (count > 0) yield { atMost: 0, count };
    for (const [number, page] of this.#pages.entries()) {
      if (page === undefined) continue;
      for (let i = 0; i < page.length; i++) {
        if (page[i] === 0) continue;
        count += page[i];
        const end = this.#buckets.endOf(number * page.length + i);
        yield { atMost: Math.min(end, this.#max), count };
      }
    }
  }

  #addPage(number: number): Float64Array {
    while (this.#pages.length < number) this.#pages.push(undefined);
    const page = new Float64Array(this.#buckets.perPage);
    this.#pages[number] = page;
    return page;
  }
}

/** Nearest rank, from 1 to `count`; 0 if `count` is 0. */
export function rankOf(p: number, count: number): number {
  // 0.07 x 100 is one last bit above 7. Without the correction it would give rank 8.
  return Math.min(count, Math.max(1, Math.ceil(p * count * (1 - 2 * Number.EPSILON))));
}
