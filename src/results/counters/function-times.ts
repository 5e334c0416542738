import { type Buckets, rankOf } from "../histogram.js";

const EMPTY = -1;
const BATCH = 512;

/** Quantiles of one function's times. */
export interface FunctionQuantiles {
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

/**
 * Histograms of all functions in one hash table of (function, bucket) pairs. Most functions have
 * few times, so this needs a small part of the memory of one histogram per function. Only times
 * above zero are kept; the rest follow from the function's count. The table uses open addressing
 * with linear probing and is at most half full.
 */
export class FunctionTimes {
  readonly #buckets: Buckets;
  #keys = new Float64Array(1024).fill(EMPTY);
  #counts = new Float64Array(1024);
  #pairs = 0;
  /** Times that wait to be counted together, so that the memory accesses of many overlap. */
  readonly #batchFunctions = new Int32Array(BATCH);
  readonly #batchTimes = new Float64Array(BATCH);
  #batched = 0;

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
  }

  /** Counts one time above zero. */
  record(functionId: number, value: number): void {
    if (this.#batched === BATCH) this.#countBatch();
    this.#batchFunctions[this.#batched] = functionId;
    this.#batchTimes[this.#batched++] = value;
  }

  #countBatch(): void {
    for (let i = 0; i < this.#batched; i++) {
      const bucket = this.#buckets.indexOf(this.#batchTimes[i]);
      this.#count(this.#batchFunctions[i] * KEY_STRIDE + bucket);
    }
    this.#batched = 0;
  }

  #count(key: number): void {
    const slot = slotOf(this.#keys, key);
    if (this.#keys[slot] === EMPTY) {
      this.#keys[slot] = key;
      if (++this.#pairs * 2 > this.#keys.length) {
        this.#grow();
        this.#counts[slotOf(this.#keys, key)]++;
        return;
      }
    }
    this.#counts[slot]++;
  }

  /**
   * Quantiles of every function, by nearest rank over `counts[function]` times; a time that was not
   * recorded is zero. In the order of function ids.
   */
  quantiles(counts: ArrayLike<number>): FunctionQuantiles[] {
    this.#countBatch();
    const pairs = this.#keys.filter((key) => key !== EMPTY).sort();
    let from = 0;
    return Array.from({ length: counts.length }, (_, functionId) => {
      let to = from;
      while (to < pairs.length && pairs[to] < (functionId + 1) * KEY_STRIDE) to++;
      const own = pairs.subarray(from, to);
      from = to;
      const quantile = (p: number) => this.#quantile(own, counts[functionId], p);
      return {
        p50: quantile(0.5),
        p75: quantile(0.75),
        p90: quantile(0.9),
        p95: quantile(0.95),
        p99: quantile(0.99),
      };
    });
  }

  #quantile(sortedKeys: Float64Array, count: number, p: number): number {
    let above = count - rankOf(p, count);
    for (let i = sortedKeys.length - 1; i >= 0; i--) {
      const key = sortedKeys[i];
      above -= this.#counts[slotOf(this.#keys, key)];
      if (above < 0) return this.#buckets.valueOf(key % KEY_STRIDE);
    }
    return 0;
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2).fill(EMPTY);
    const counts = new Float64Array(keys.length);
    for (let i = 0; i < this.#keys.length; i++) {
      const key = this.#keys[i];
      if (key === EMPTY) continue;
      const slot = slotOf(keys, key);
      keys[slot] = key;
      counts[slot] = this.#counts[i];
    }
    this.#keys = keys;
    this.#counts = counts;
  }
}

/** More than the number of buckets for values up to 2^50 with 12 bits or fewer. */
const KEY_STRIDE = 2 ** 18;

/** The slot of the key, or the free slot for it. */
function slotOf(keys: Float64Array, key: number): number {
  const mask = keys.length - 1;
  const mixed = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul(key / 0x1_0000_0000, 0x85ebca6b);
  let slot = (mixed ^ (mixed >>> 15)) & mask;
  while (keys[slot] !== key && keys[slot] !== EMPTY) slot = (slot + 1) & mask;
  return slot;
}
