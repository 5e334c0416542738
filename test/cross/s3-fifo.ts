import type { Request } from "./workloads.js";

const SMALL_SHARE = 0.1;
const GHOST_SHARE = 0.9;

/** How algorithm 1 of the paper (Yang et al., SOSP 2023) and libcachesim 0.3.5 differ. */
export interface S3FifoRule {
  /** True: until the first eviction, what comes when the small queue is full enters the main queue. */
  readonly fillsMainFirst: boolean;
  /**
   * "small": the small queue gives the victim while it has its share. "main": unless the main queue
   * exceeds its own; this differs if objects of several sizes leave a part of the cache free.
   */
  readonly decidesBy: "small" | "main";
}

interface Entry {
  readonly object: number;
  readonly bytes: number;
  hits: number;
}

/** S3-FIFO by lists, for objects that are smaller than the small queue. */
export function s3FifoModel({ fillsMainFirst, decidesBy }: S3FifoRule) {
  return (requests: readonly Request[], capacityBytes: number): string => {
    const smallBytes = Math.trunc(capacityBytes * SMALL_SHARE);
    const small: Entry[] = [];
    const main: Entry[] = [];
    const ghosts: Entry[] = [];
    const sizeOf = (list: readonly Entry[]) => list.reduce((sum, { bytes }) => sum + bytes, 0);
    let hasEvicted = false;

    const evictSmall = (): void => {
      for (let entry = small.shift(); entry !== undefined; entry = small.shift()) {
        if (entry.hits < 2) {
          ghosts.push(entry);
          while (sizeOf(ghosts) > Math.trunc(capacityBytes * GHOST_SHARE)) ghosts.shift();
          return;
        }
        main.push({ ...entry, hits: 0 });
      }
    };
    const evictMain = (): void => {
      for (let entry = main.shift(); entry !== undefined; entry = main.shift()) {
        if (entry.hits === 0) return;
        main.push({ ...entry, hits: Math.min(entry.hits, 3) - 1 });
      }
    };
    const evict = (): void => {
      hasEvicted = true;
      const isSmall =
        decidesBy === "small"
          ? sizeOf(small) >= smallBytes
          : sizeOf(main) <= capacityBytes - smallBytes && small.length > 0;
      if (isSmall) evictSmall();
      else evictMain();
    };
    return requests
      .map(([object, bytes]) => {
        const hit = [...small, ...main].find((entry) => entry.object === object);
        if (hit !== undefined) {
          hit.hits++;
          return "1";
        }
        const ghost = ghosts.findIndex((entry) => entry.object === object);
        if (ghost !== -1) ghosts.splice(ghost, 1);
        while (sizeOf(small) + sizeOf(main) + bytes > capacityBytes) evict();
        const isMain =
          ghost !== -1 || (fillsMainFirst && !hasEvicted && sizeOf(small) >= smallBytes);
        (isMain ? main : small).push({ object, bytes, hits: 0 });
        return "0";
      })
      .join("");
  };
}
