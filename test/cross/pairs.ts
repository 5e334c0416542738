import { greedyDual } from "./greedy-dual.js";
import type { Request } from "./workloads.js";

/** Hits of a policy on these requests, from a cache that is empty at first: "1" for a hit, "0" for a miss. */
export type Model = (requests: readonly Request[], capacityBytes: number) => string;

/** An eviction policy of socklab, and the algorithm of libcachesim that it is compared with. */
export interface Pair {
  /** As on the command line: `name:key=value,...`. */
  readonly policy: string;
  /** Class of libcachesim. */
  readonly algorithm: string;
  /** Names of the workloads on which both are defined. */
  readonly workloads: readonly string[];
  /**
   * The rule in which the two differ, and a small model of each side. Without it both must have the
   * same misses; with it each side must have the misses of its model, and the models differ in this rule only.
   */
  readonly departure?: { readonly rule: string; readonly ours: Model; readonly theirs: Model };
}

/** Equal sizes, with room for 60 objects. */
const UNIT = ["zipf", "shifting-zipf", "loop", "scan"];
const SIZED = ["prime-sizes", "too-large"];

/** To compare one more policy: a line here. The golden table has the algorithms of `GOLDEN` already. */
export const PAIRS: readonly Pair[] = [
  { policy: "lru", algorithm: "LRU", workloads: [...UNIT, ...SIZED] },
  // Without Zygotes both are LRU. With a unit of 0 bytes OpenLambda's evictor keeps no memory free.
  { policy: "sock", algorithm: "LRU", workloads: [...UNIT, ...SIZED] },
  { policy: "openlambda:unit=0", algorithm: "LRU", workloads: [...UNIT, ...SIZED] },
  {
    policy: "gdsf",
    algorithm: "GDSF",
    workloads: SIZED,
    departure: {
      rule: "libcachesim inserts the newcomer before it evicts, so the newcomer may be the victim; a container must exist to run, so socklab evicts before it inserts",
      ours: greedyDual({ insertsFirst: false }),
      theirs: greedyDual({ insertsFirst: true }),
    },
  },
];

/**
 * The rows of the golden table. S3-FIFO admits no object above a tenth of the capacity. ARC of
 * libcachesim is compared for equal sizes only, as the paper defines it for these.
 */
export const GOLDEN: readonly {
  readonly algorithm: string;
  readonly workloads: readonly string[];
}[] = [
  { algorithm: "LRU", workloads: [...UNIT, ...SIZED] },
  { algorithm: "GDSF", workloads: SIZED },
  { algorithm: "LFU", workloads: [...UNIT, ...SIZED] },
  { algorithm: "FIFO", workloads: [...UNIT, ...SIZED] },
  { algorithm: "Sieve", workloads: [...UNIT, ...SIZED] },
  { algorithm: "S3FIFO", workloads: [...UNIT, "prime-sizes"] },
  { algorithm: "ARC", workloads: UNIT },
];
