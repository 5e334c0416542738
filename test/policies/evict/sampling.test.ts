import { expect, test } from "vitest";
import { RandomStreams } from "../../../src/basics/random.js";
import { HitDensity, hitAgeClass } from "../../../src/policies/evict/hit-density.js";
import { hyperbolicEviction } from "../../../src/policies/evict/hyperbolic.js";
import { lhdEviction } from "../../../src/policies/evict/lhd.js";
import { randomEviction } from "../../../src/policies/evict/random.js";
import { EvictCache, victimsOf } from "./cache.js";

test("random evicts every idle container and every loose Zygote equally often", () => {
  const random = new RandomStreams(1).get("test");
  const cache = new EvictCache(randomEviction, { room: 9, random: () => random.next() });
  cache.serve("A B C");
  cache.view.addZygote([0]);
  cache.view.addZygote([0], { containers: 1 }); // a container was forked from it, so it stays
  const counts = [0, 0, 0, 0];
  const draws = 8_000;
  for (let draw = 0; draw < draws; draw++) {
    const victim = cache.policy.victim(cache.view, 1)!;
    if (victim.tier === "import") expect(victim.zygote).toBe(0);
    counts[victim.tier === "import" ? 3 : victim.container]++;
  }
  // 2,000 each are expected, with a standard deviation of sqrt(8000 x 1/4 x 3/4) = 39.
  for (const count of counts) expect(Math.abs(count - draws / 4)).toBeLessThan(4 * 39);
});

test("random draws again if a drawn container is busy, and has no victim if all are", () => {
  const cache = new EvictCache(randomEviction, { room: 3, random: () => 0 });
  cache.serve("A B");
  cache.view.beginRun(0);
  expect(cache.policy.victim(cache.view, 1)).toMatchObject({ container: 1 });
  cache.view.beginRun(1);
  expect(cache.policy.victim(cache.view, 1)).toBeNull();
});

test("hyperbolic evicts the lowest cost x uses / (size x age)", () => {
  // One invocation per microsecond, all of 1 byte and 100 us. At 7, when D comes:
  //   A from 1, 3 uses: 3 x 100 / 6 = 50     B from 2, 2 uses: 2 x 100 / 5 = 40     C from 5: 100 / 2 = 50
  expect(victimsOf(hyperbolicEviction, { room: 3 }, "A B A A C B D")).toBe("D:B");
  // With C of 2 bytes and B of 200 us: A 50, B 80, C 25.
  const cacheCase = { room: 4, bytes: { C: 2 }, costUs: { B: 200 } };
  expect(victimsOf(hyperbolicEviction, cacheCase, "A B A A C B D")).toBe("D:C");
});

test("hyperbolic forgets slowly: what was popular goes once its rate of uses is the lowest", () => {
  // At 12, when C comes: A from 1, 5 uses: 5 / 11. B from 6, 6 uses: 6 / 6.
  expect(victimsOf(hyperbolicEviction, { room: 2 }, "AAAAA BBBBBB C")).toBe("C:A");
  // At 7: A 5 / 6, B 1 / 1. One use just now is a higher rate than five in six.
  expect(victimsOf(hyperbolicEviction, { room: 2 }, "AAAAA B C")).toBe("C:A");
  // At 7: A 5 / 6, B from 5: 1 / 2.
  expect(victimsOf(hyperbolicEviction, { room: 2 }, "AAAA B A C")).toBe("C:B");
});

test("hyperbolic with a sample of 1 evicts whatever is drawn", () => {
  const settings = "sample=1";
  // A alone is used again and again, so all of a sample would spare it; 0 draws the first entry.
  const cacheCase = { room: 2, settings, random: () => 0 };
  expect(victimsOf(hyperbolicEviction, cacheCase, "A B A A A C")).toBe("C:A");
  expect(victimsOf(hyperbolicEviction, { room: 2 }, "A B A A A C")).toBe("C:B");
});

test("a hit density is hits at this age or later over the time until the next hit or the eviction", () => {
  // Three objects: two are hit at age 1, one is evicted at age 3. From age 0 that takes 2, 2 and 4 units:
  // 2 hits / 8. From age 1 it is 1, 1 and 3: 2 / 5. From age 2 on no hit is left.
  const density = new HitDensity();
  density.hit(0, 1);
  density.hit(0, 1);
  density.evicted(0, 3);
  density.compute();
  expect(density.of(0, 0)).toBeCloseTo(2 / 8, 12);
  expect(density.of(0, 1)).toBeCloseTo(2 / 5, 12);
  expect(density.of(0, 2)).toBe(0);
  expect(density.of(0, 4)).toBe(0);
  expect(density.of(1, 0)).toBe(0); // nothing is known of another class
});

test("of a hit density, older events weigh 0.9 less at each computation", () => {
  // One eviction at age 0, then one hit at age 0: 0.9 hits of 0.9 + 0.81 events, each of one unit.
  const density = new HitDensity();
  density.evicted(0, 0);
  density.compute();
  expect(density.of(0, 0)).toBe(0);
  density.hit(0, 0);
  density.compute();
  expect(density.of(0, 0)).toBeCloseTo(0.9 / 1.71, 12);
});

test("the class of an object is how often the ages of its last two hits can double within 2,000", () => {
  // 1,000 x 2 = 2,000. 999 x 2 = 1,998, x 2 = 3,996. 1 x 2^11 = 2,048.
  expect([2_000, 1_000, 999, 1, 0].map(hitAgeClass)).toEqual([0, 1, 2, 11, 15]);
});

test("lhd begins with 1 / (age + 1) per byte", () => {
  // 26 functions: an age is 26 / 20 = 1.3 arrivals. When C comes, A is 2 arrivals old, so of age 1:
  // 1 / 2. B is of age 0: 1 / 1, and with 4 bytes 1 / 4.
  const settings = "explore=0";
  expect(victimsOf(lhdEviction, { room: 2, settings }, "A B C")).toBe("C:A");
  expect(victimsOf(lhdEviction, { room: 5, settings, bytes: { B: 4 } }, "A B C")).toBe("C:B");
});

test("lhd spares what it explores until its next use", () => {
  // 1 % of room for 2 bytes allows one explorer. The draws: A explores, all others do not.
  const draws = [0];
  const cacheCase = {
    room: 2,
    settings: "explore=0.5",
    random: () => draws.shift() ?? 0.9,
  };
  expect(victimsOf(lhdEviction, cacheCase, "A B C D A E")).toBe("C:B D:C E:D");
  // Without it A, the oldest, goes at once.
  expect(victimsOf(lhdEviction, { ...cacheCase, settings: "explore=0" }, "A B C")).toBe("C:A");
});
