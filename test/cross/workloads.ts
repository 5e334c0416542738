import assert from "node:assert/strict";
import { RandomStreams } from "../../src/basics/random.js";
import { BYTES_PER_MIB } from "../../src/basics/units.js";

/** One request: the number of an object, here a function, and its size. */
export type Request = readonly [object: number, bytes: number];

export interface CacheWorkload {
  readonly name: string;
  readonly capacityBytes: number;
  readonly requests: readonly Request[];
}

const REQUESTS = 2_000;
const UNIT_BYTES = 100 * BYTES_PER_MIB;

/** All sizes are equal, and 60 objects fit. */
const UNIT = { capacityBytes: 60 * UNIT_BYTES, bytesOf: () => UNIT_BYTES };

/**
 * Sizes are different prime numbers of MiB. So f/s = g/t, with counts f and g below the sizes s and
 * t, holds for no two objects, and Greedy-Dual-Size-Frequency meets no tie that its clock does not make.
 */
const PRIMES_MIB = primesFrom(101);

/** A size of 101 to 977 MiB; the objects 0 to 139 have different ones. */
export const primeBytes = (object: number): number =>
  PRIMES_MIB[(object * 37) % 140] * BYTES_PER_MIB;

/** Synthetic workloads. Each is one sequence, the same on every machine and in every run. */
export const CACHE_WORKLOADS: readonly CacheWorkload[] = [
  make("zipf", UNIT, zipf("zipf", 200, 0.9)),
  make("shifting-zipf", UNIT, shifting(zipf("shifting-zipf", 200, 1.1))),
  make("loop", UNIT, loops([61, 60, 75])),
  make("scan", UNIT, scans(zipf("scan", 80, 0.8))),
  // The largest of the 140 sizes is 977 MiB: below a tenth of the capacity, so S3-FIFO admits it too.
  make("prime-sizes", { capacityBytes: 10_007 * BYTES_PER_MIB, bytesOf: primeBytes }, [
    ...zipf("prime-sizes", 140, 0.7),
  ]),
  // 55 of the 140 sizes are above 601 MiB: these objects are never admitted, and must evict nothing.
  make("too-large", { capacityBytes: 601 * BYTES_PER_MIB, bytesOf: primeBytes }, [
    ...zipf("too-large", 140, 1.2),
  ]),
];

/** The workload of that name. */
export function workloadOf(name: string): CacheWorkload {
  const found = CACHE_WORKLOADS.find((workload) => workload.name === name);
  assert(found !== undefined, `no workload is called "${name}"`);
  return found;
}

function make(
  name: string,
  { capacityBytes, bytesOf }: { capacityBytes: number; bytesOf: (object: number) => number },
  objects: readonly number[],
): CacheWorkload {
  return {
    name,
    capacityBytes,
    requests: objects.map((object) => [object, bytesOf(object)] as const),
  };
}

/** Independent requests: object k of 0, 1, ... has the weight 1 / (k + 1)^exponent. */
function zipf(stream: string, objects: number, exponent: number): readonly number[] {
  const random = new RandomStreams(1).get(`cross/${stream}`);
  const sums: number[] = [];
  let sum = 0;
  for (let k = 0; k < objects; k++) {
    sum += 1 / (k + 1) ** exponent;
    sums.push(sum);
  }
  return Array.from({ length: REQUESTS }, () => {
    const at = random.next() * sum;
    return sums.findIndex((upTo) => at < upTo);
  });
}

/** Every 250 requests the popularity moves on by 7 objects. */
function shifting(objects: readonly number[]): readonly number[] {
  return objects.map((object, at) => (object + 7 * Math.floor(at / 250)) % 200);
}

/** Eleven rounds over the first n objects, for each n. */
function loops(lengths: readonly number[]): readonly number[] {
  return lengths.flatMap((length) => Array.from({ length: 11 * length }, (_, at) => at % length));
}

/** Between popular objects, in each second block of 100 requests, objects that come only once. */
function scans(popular: readonly number[]): readonly number[] {
  return popular.map((object, at) => (Math.floor(at / 100) % 2 === 0 ? object : 1_000 + at));
}

function primesFrom(first: number): readonly number[] {
  const isPrime = (n: number) => {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
    return true;
  };
  return Array.from({ length: 1_000 }, (_, n) => first + n).filter(isPrime);
}
