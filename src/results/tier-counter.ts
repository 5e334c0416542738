import type { TierResult } from "./result.js";

/** Counters of the events of one cache tier. */
export class TierCounter {
  hits = 0;
  misses = 0;
  insertions = 0;
  evictions = 0;
  expirations = 0;

  result(bytesPeak: number, bytesMean: number): TierResult {
    const { hits, misses, insertions, evictions, expirations } = this;
    const lookups = hits + misses;
    return {
      hits,
      misses,
      hitRatio: lookups === 0 ? null : hits / lookups,
      insertions,
      evictions,
      expirations,
      bytesPeak,
      bytesMean,
    };
  }
}
