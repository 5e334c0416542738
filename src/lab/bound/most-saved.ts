import { assert } from "../../basics/errors.js";

/** Reuses as columns: each keeps an object from one use to the next, and so saves a miss. */
export interface Reuses {
  readonly count: number;
  /** How long each object must be kept, in any unit of time. */
  readonly kept: Float64Array;
  /** Size of the object that each reuse keeps. */
  readonly bytes: Float64Array;
  /** What each of them saves. */
  readonly worth: Float64Array;
}

/**
 * PFOO-L of Berger, Beckmann and Harchol-Balter, Practical Bounds on Optimal Caching with Variable
 * Object Sizes, SIGMETRICS 2018: the most that a cache can save, even if it knows the future. A
 * reuse takes the bytes of its object, multiplied by the time for which the object is kept. All
 * reuses of a cache together cannot take more than its bytes, multiplied by the length of the run.
 * So the best that it can have are the reuses that are worth most for what they take, until this
 * product is used up; the last reuse counts in part.
 */
export class MostSaved {
  readonly #reuses: Reuses;
  /** Indices of the reuses, those that are worth most for bytes x time first. */
  readonly #order: Uint32Array;

  constructor(reuses: Reuses) {
    this.#reuses = reuses;
    const { count, kept, bytes, worth } = reuses;
    const wasteOf = new Float64Array(count);
    for (let at = 0; at < count; at++) wasteOf[at] = (kept[at] * bytes[at]) / worth[at];
    this.#order = Uint32Array.from({ length: count }, (_, at) => at);
    this.#order.sort((a, b) => wasteOf[a] - wasteOf[b] || a - b);
  }

  /** The most that a cache of so many bytes can save within `time`. Infinity bytes save everything. */
  within(cacheBytes: number, time: number): number {
    assert(cacheBytes >= 0 && time >= 0, "a cache has no bytes, or no time passes");
    const { kept, bytes, worth } = this.#reuses;
    let left = cacheBytes * time;
    let saved = 0;
    for (const at of this.#order) {
      if (bytes[at] > cacheBytes) continue; // it never fits
      const taken = kept[at] * bytes[at];
      if (taken > left) return saved + (worth[at] * left) / taken;
      left -= taken;
      saved += worth[at];
    }
    return saved;
  }
}
