import assert from "node:assert/strict";
import type { Request } from "./workloads.js";

/** What a hit is worth: as in libcachesim, 1,000,000 for each object. Ours is a creation of a second. */
export const COST = 1_000_000;

/**
 * Greedy-Dual-Size-Frequency by a full scan (Cherkasova, HPL-98-69R1): an object has the priority
 * clock + frequency x cost / size; the lowest goes, and its priority becomes the clock. The order of
 * insertion and eviction is the only difference between the two variants. Throws if two objects of
 * equal priority are the lowest, because the paper does not say which of them goes.
 */
export function greedyDual({ insertsFirst }: { readonly insertsFirst: boolean }) {
  return (requests: readonly Request[], capacityBytes: number): string => {
    const cached = new Map<number, { bytes: number; frequency: number; priority: number }>();
    let usedBytes = 0;
    let clock = 0;
    const evictUntil = (limitBytes: number) => {
      while (usedBytes > limitBytes) {
        const [lowest, next] = [...cached].toSorted(([, a], [, b]) => a.priority - b.priority);
        assert.notEqual(lowest[1].priority, next?.[1].priority, "two objects have equal priority");
        clock = lowest[1].priority;
        usedBytes -= lowest[1].bytes;
        cached.delete(lowest[0]);
      }
    };
    const insert = (object: number, bytes: number) => {
      cached.set(object, { bytes, frequency: 1, priority: clock + COST / bytes });
      usedBytes += bytes;
    };
    return requests
      .map(([object, bytes]) => {
        const hit = cached.get(object);
        if (hit !== undefined) {
          hit.priority = clock + (++hit.frequency * COST) / bytes;
          return "1";
        }
        if (bytes > capacityBytes) return "0";
        if (insertsFirst) insert(object, bytes);
        evictUntil(insertsFirst ? capacityBytes : capacityBytes - bytes);
        if (!insertsFirst) insert(object, bytes);
        return "0";
      })
      .join("");
  };
}
