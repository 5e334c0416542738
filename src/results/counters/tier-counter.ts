import type { TierResult } from "../result.js";

/** Counters of the entries of one cache tier. */
export class TierCounter {
  insertions = 0;
  evictions = 0;
  expirations = 0;

  result(bytesPeak: number, bytesMean: number): Omit<TierResult, "hits" | "misses" | "hitRatio"> {
    const { insertions, evictions, expirations } = this;
    return { insertions, evictions, expirations, bytesPeak, bytesMean };
  }
}
