import { expect, test } from "vitest";
import { type RandomStream, RandomStreams } from "../../src/basics/random.js";
import type { PolicySpec } from "../../src/contract/policy.js";
import { BUILT_IN_POLICIES } from "../../src/policies/registry.js";
import { EvictCache } from "../policies/evict/cache.js";
import { exactLeastCost, type Objects, pfooLowerBound } from "./bounds.js";

const TRACES = 10_000;
const NAMES = "ABCDEF";
const EVICTORS = BUILT_IN_POLICIES.filter(
  (spec): spec is PolicySpec<"evict"> => spec.family === "evict",
);

interface Small {
  readonly requests: readonly number[];
  readonly objects: Objects;
  readonly room: number;
}

/** Up to 6 objects of 1 to 4 bytes, room for 4 to 9 bytes, 24 requests, costs of 1 to 9. */
function smallTrace(random: RandomStream): Small {
  const draw = (from: number, to: number) => from + Math.floor(random.next() * (to - from + 1));
  const count = draw(3, NAMES.length);
  const areEqual = random.next() < 0.3;
  return {
    requests: Array.from({ length: 24 }, () => Math.min(draw(0, count - 1), draw(0, count - 1))),
    objects: {
      bytes: Array.from({ length: count }, () => (areEqual ? 1 : draw(1, 4))),
      costs: Array.from({ length: count }, () => (areEqual ? 1 : draw(1, 9))),
    },
    room: areEqual ? draw(1, 4) : draw(4, 9),
  };
}

function costUnder(spec: PolicySpec<"evict">, { requests, objects, room }: Small, seed: number) {
  const random = new RandomStreams(seed).get("policy/evict");
  const byName = (values: readonly number[]) =>
    Object.fromEntries(values.map((value, object) => [NAMES[object], value]));
  const cache = new EvictCache(spec, {
    room,
    bytes: byName(objects.bytes),
    costUs: byName(objects.costs),
    settings: spec.name === "openlambda" ? "unit=0" : "",
    random: () => random.next(),
    future: requests.map((object) => NAMES[object]).join(""),
  });
  return requests.reduce((cost, object) => {
    const isHit = cache.contents.includes(NAMES[object]);
    cache.serve(NAMES[object]);
    return isHit ? cost : cost + objects.costs[object];
  }, 0);
}

test(`in ${TRACES} random traces no evictor's misses cost less than the exact optimum, and the optimum costs no less than PFOO-L`, () => {
  const random = new RandomStreams(1).get("cross/bounds");
  let best = 0;
  let tight = 0;
  for (let trace = 0; trace < TRACES; trace++) {
    const small = smallTrace(random);
    const spec = EVICTORS[trace % EVICTORS.length];
    const bound = pfooLowerBound(small.requests, small.objects, small.room);
    const optimum = exactLeastCost(small.requests, small.objects, small.room);
    const cost = costUnder(spec, small, trace);
    expect(bound, `trace ${trace}`).toBeLessThanOrEqual(optimum + 1e-9);
    expect(optimum, `trace ${trace}, evict=${spec.name}`).toBeLessThanOrEqual(cost);
    if (optimum === cost) best++;
    if (optimum - bound < 1) tight++;
  }
  // Neither bound is so low that it says nothing: both are often met.
  expect(best).toBeGreaterThan(TRACES / 20);
  expect(tight).toBeGreaterThan(TRACES / 20);
});

test("PFOO-L of A B A B with room for one byte is 2.5 misses, the optimum is 4", () => {
  // Two hits, each from one request to the second next: 2 byte-steps. The cache has 1 x 3, so 1.5 hits
  // and 4 - 1.5 = 2.5 misses. A cannot stay while B is served, because B needs the byte: 4.
  const objects = { bytes: [1, 1], costs: [1, 1] };
  expect(pfooLowerBound([0, 1, 0, 1], objects, 1)).toBe(2.5);
  expect(exactLeastCost([0, 1, 0, 1], objects, 1)).toBe(4);
  // Room for two: both hits fit.
  expect(pfooLowerBound([0, 1, 0, 1], objects, 2)).toBe(2);
  expect(exactLeastCost([0, 1, 0, 1], objects, 2)).toBe(2);
});

test("the optimum keeps what is dear for its size: B of 1 byte and cost 9, not A of 2 bytes and cost 1", () => {
  // Room for 3. A B C A B with C of 2 bytes: for C one of A and B must go. B stays: 1 + 9 + 1 + 1.
  const objects = { bytes: [2, 1, 2], costs: [1, 9, 1] };
  expect(exactLeastCost([0, 1, 2, 0, 1], objects, 3)).toBe(12);
});
