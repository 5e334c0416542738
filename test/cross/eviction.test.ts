import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SLOWNESS } from "../slowness.js";
import { missesOf, readGolden } from "./golden/table.js";
import { greedyDual } from "./greedy-dual.js";
import { installLibcachesim, VERSION } from "./libcachesim/libcachesim.js";
import { CLOSE_PAIRS, PAIRS, replayOf } from "./pairs.js";
import { replayInEngine } from "./replay-engine.js";
import { workloadOf } from "./workloads.js";

const HOOK_TIMEOUT_MS = 90_000 * SLOWNESS;
const golden = readGolden();

/** Hits of libcachesim, from the golden table. */
function goldenHits(algorithm: string, workload: string): string {
  const row = golden.find((each) => each.algorithm === algorithm && each.workload === workload);
  if (row === undefined) throw new Error(`the golden table has no ${algorithm} on ${workload}`);
  return row.hits;
}

for (const { policy, algorithm, workloads, departure } of PAIRS) {
  describe(`evict=${policy} with one container per function and no run times`, () => {
    test.each(workloads)(
      departure === undefined
        ? `misses on %s exactly the requests that ${algorithm} of libcachesim ${VERSION} misses`
        : `misses on %s what its model misses, and ${algorithm} of libcachesim ${VERSION} what its own does. ${departure.rule}`,
      async (name) => {
        const { requests, capacityBytes } = workloadOf(name);
        const ours = await replayInEngine(policy, requests, capacityBytes);
        const theirs = goldenHits(algorithm, name);
        expect(ours).toBe(departure?.ours(requests, capacityBytes) ?? theirs);
        if (departure !== undefined) {
          expect(theirs).toBe(departure.theirs(requests, capacityBytes));
          expect(ours).not.toBe(theirs);
        }
      },
    );
  });
}

for (const { policy, algorithm, workloads, within } of CLOSE_PAIRS) {
  test.each(workloads)(
    `evict=${policy} misses on %s as often as ${algorithm} of libcachesim ${VERSION}, within a share of ${within}`,
    async (name) => {
      const { requests, capacityBytes } = workloadOf(name);
      const ours = missesOf(await replayInEngine(policy, requests, capacityBytes));
      const theirs = missesOf(goldenHits(algorithm, name));
      expect(Math.abs(ours - theirs) / theirs).toBeLessThan(within);
    },
  );
}

test("lhd learns that a loop is longer than the cache: it misses at most half as often as lru", async () => {
  const { requests, capacityBytes } = workloadOf("loop");
  const misses = missesOf(await replayInEngine("lhd", requests, capacityBytes));
  expect(misses).toBeLessThan(missesOf(goldenHits("LRU", "loop")) / 2);
});

test("LRU with room for 60 misses 1,496 times in eleven rounds over 61, then 60, then 75 objects", () => {
  // 61 objects: all 11 x 61 = 671 miss. Then 1 to 60 are cached, and 0 evicts 1, 1 evicts 2, ...: the
  // first round of 60 misses, and ten rounds hit. 75 objects: the first 60 still hit, then every
  // object has just been evicted: 11 x 75 - 60 = 765. 671 + 60 + 765 = 1,496.
  expect(missesOf(goldenHits("LRU", "loop"))).toBe(1_496);
});

test("a newcomer that is inserted before the eviction can evict itself, and one inserted after it cannot", () => {
  // Room for 10. Object 1 of size 4 is requested twice: priority 2 x c/4 = c/2. Object 2 of size 7 has
  // c/7, the lowest. Inserted first, it is the victim, and the clock rises to c/7. At its second
  // request it has c/7 + c/7 = 2c/7 < c/2, at its third 3c/7 < c/2, at its fourth 4c/7 > c/2: then
  // object 1 goes, and the fifth request hits. If the eviction comes first, object 1 goes at once.
  const requests = [1, 1, 2, 2, 2, 2, 2].map((object) => [object, object === 1 ? 4 : 7] as const);
  expect(greedyDual({ insertsFirst: true })(requests, 10)).toBe("0100001");
  expect(greedyDual({ insertsFirst: false })(requests, 10)).toBe("0101111");
});

const installed = installLibcachesim();
if (typeof installed === "string") {
  test.skip(`the golden table has the hits of libcachesim ${VERSION} [skipped: ${installed}]`, () => {});
} else {
  const replays = golden.map(({ algorithm, workload }) => replayOf(algorithm, workload));
  afterAll(() => installed.remove());
  let found: readonly string[] = [];
  beforeAll(() => {
    found = installed.replay(replays);
  }, HOOK_TIMEOUT_MS);
  test.each([...golden.entries()])(
    `row %i of the golden table has the hits of libcachesim ${VERSION}`,
    (row, { hits }) => {
      expect(found[row]).toBe(hits);
    },
  );
}
