import assert from "node:assert/strict";
import { greedyDual } from "./greedy-dual.js";
import type { Replay } from "./libcachesim/libcachesim.js";
import { lirsModel } from "./lirs.js";
import { s3FifoModel } from "./s3-fifo.js";
import { wTinyLfuModel } from "./w-tinylfu.js";
import { type Request, workloadOf } from "./workloads.js";

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

/** A policy that draws at random, as the algorithm does: their misses are close. */
export interface ClosePair extends Pair {
  /** The most by which the misses differ, as a share of those of libcachesim. */
  readonly within: number;
}

/** Equal sizes, with room for 60 objects. */
const UNIT = ["zipf", "shifting-zipf", "loop", "scan"];
const SIZED = ["prime-sizes", "too-large"];

/** To compare one more policy: a line here, and one in `GOLDEN`. */
export const PAIRS: readonly Pair[] = [
  { policy: "lru", algorithm: "LRU", workloads: [...UNIT, ...SIZED] },
  // Without Zygotes both are LRU. With a unit of 0 bytes OpenLambda's evictor keeps no memory free.
  { policy: "sock", algorithm: "LRU", workloads: [...UNIT, ...SIZED] },
  { policy: "openlambda:unit=0", algorithm: "LRU", workloads: [...UNIT, ...SIZED] },
  { policy: "fifo", algorithm: "FIFO", workloads: [...UNIT, ...SIZED] },
  { policy: "lfu", algorithm: "LFU", workloads: [...UNIT, ...SIZED] },
  { policy: "sieve", algorithm: "Sieve", workloads: [...UNIT, ...SIZED] },
  // Of equal sizes libcachesim evicts another one.
  { policy: "size-desc", algorithm: "Size", workloads: SIZED },
  { policy: "2q", algorithm: "TwoQ", workloads: [...UNIT, "prime-sizes"] },
  { policy: "arc", algorithm: "ARC", workloads: UNIT },
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
  {
    policy: "lirs",
    algorithm: "LIRS",
    workloads: UNIT,
    departure: {
      rule: "a hit on a resident HIR object outside the stack demotes a LIR object in libcachesim, and the stack has two times the objects of the cache at most; in the paper neither is the case",
      ours: lirsModel({ stackLimit: Number.POSITIVE_INFINITY, demotesOnQueueHit: false }),
      theirs: lirsModel({ stackLimit: 2, demotesOnQueueHit: true }),
    },
  },
  {
    policy: "w-tinylfu:window=0.02",
    algorithm: "WTinyLFU",
    workloads: UNIT,
    departure: {
      rule: "libcachesim does not count what the window answers, counts an object once more when it is compared, and protects at once what enters the main cache while probation is full",
      ours: wTinyLfuModel(0.02, { countsRequests: true, fillsProtected: false }),
      theirs: wTinyLfuModel(0.02, { countsRequests: false, fillsProtected: true }),
    },
  },
  {
    policy: "s3-fifo",
    algorithm: "S3FIFO",
    workloads: UNIT,
    departure: {
      rule: "until its first eviction libcachesim puts what comes when the small queue is full into the main queue; the paper does not",
      ours: s3FifoModel({ fillsMainFirst: false, decidesBy: "small" }),
      theirs: s3FifoModel({ fillsMainFirst: true, decidesBy: "small" }),
    },
  },
  {
    policy: "s3-fifo",
    algorithm: "S3FIFO",
    workloads: ["prime-sizes"],
    departure: {
      rule: "in addition, libcachesim evicts from the small queue unless the main queue exceeds its share; in the paper it does if the small queue has its share",
      ours: s3FifoModel({ fillsMainFirst: false, decidesBy: "small" }),
      theirs: s3FifoModel({ fillsMainFirst: true, decidesBy: "main" }),
    },
  },
];

/** LHD is not compared: libcachesim computes its densities after 2^20 requests for the first time. */
export const CLOSE_PAIRS: readonly ClosePair[] = [
  { policy: "random", algorithm: "Random", workloads: UNIT, within: 0.1 },
  // Of the loop all that is cached has the same rate of uses, up to ties, which only a sample breaks.
  {
    policy: "hyperbolic",
    algorithm: "Hyperbolic",
    workloads: ["zipf", "shifting-zipf", "scan"],
    within: 0.02,
  },
];

/** One algorithm of the golden table, on some workloads. */
interface Golden {
  readonly algorithm: string;
  readonly workloads: readonly string[];
  /** Bytes that each object gets in libcachesim; the capacity is for equally many objects. */
  readonly objectBytes?: number;
  readonly parameters?: Readonly<Record<string, number>>;
}

/**
 * The rows of the golden table. S3-FIFO admits no object above a tenth of the capacity, 2Q none
 * above a quarter. ARC of libcachesim is compared for equal sizes only, as the paper defines it for
 * these, and for objects of one byte, because it does not move its target by the size of an object.
 * LIRS admits no object above a hundredth of the capacity, except one of one byte. W-TinyLFU admits
 * none above its window, and has counters by bytes, which collide if there are few. Random and
 * Hyperbolic draw from one state of the process, so their rows depend on those above them.
 */
export const GOLDEN: readonly Golden[] = [
  { algorithm: "LRU", workloads: [...UNIT, ...SIZED] },
  { algorithm: "GDSF", workloads: SIZED },
  { algorithm: "LFU", workloads: [...UNIT, ...SIZED] },
  { algorithm: "FIFO", workloads: [...UNIT, ...SIZED] },
  { algorithm: "Sieve", workloads: [...UNIT, ...SIZED] },
  { algorithm: "S3FIFO", workloads: [...UNIT, "prime-sizes"] },
  { algorithm: "ARC", workloads: UNIT, objectBytes: 1 },
  { algorithm: "TwoQ", workloads: [...UNIT, "prime-sizes"] },
  { algorithm: "Size", workloads: SIZED },
  { algorithm: "LIRS", workloads: UNIT, objectBytes: 1 },
  {
    algorithm: "WTinyLFU",
    workloads: UNIT,
    objectBytes: 1_000,
    parameters: { window_size: 0.02 },
  },
  { algorithm: "Random", workloads: UNIT },
  { algorithm: "Hyperbolic", workloads: UNIT },
];

/** What libcachesim gets for one row of the golden table. */
export function replayOf(algorithm: string, workload: string): Replay {
  const row = GOLDEN.find((each) => each.algorithm === algorithm);
  assert(row !== undefined, `the golden table has no ${algorithm}`);
  const { capacityBytes, requests } = workloadOf(workload);
  const parameters = row.parameters ?? {};
  const { objectBytes } = row;
  if (objectBytes === undefined) return { algorithm, parameters, capacityBytes, requests };
  return {
    algorithm,
    parameters,
    capacityBytes: (capacityBytes / requests[0][1]) * objectBytes,
    requests: requests.map(([object]) => [object, objectBytes]),
  };
}
