import { expect, test } from "vitest";
import {
  beladyCostEviction,
  beladyEviction,
  beladySizeEviction,
} from "../../../src/policies/evict/belady.js";
import { KnownFuture } from "../../../src/policies/known-future.js";
import { FakeView, fakeFunction } from "../fake-view.js";
import { EvictCache, victimsOf } from "./cache.js";

test("belady evicts what is used again last: 7 misses on Belady's own sequence with room for 3, where FIFO has 9", () => {
  // A B C D A B E A B C D E with room for 3, from Belady, Nelson and Shedler (1969).
  //   D at 4: next A 5, B 6, C 10: C goes.  E at 7: A 8, B 9, D 11: D goes.
  //   C at 10: A and B never come again, A was used first: A goes, E stays.  D at 11: B goes.
  // Misses: A B C D E C D = 7.
  expect(victimsOf(beladyEviction, { room: 3 }, "ABCDABEABCDE")).toBe("D:C E:D C:A D:B");
});

// Room for 6: A has 4 bytes, B 1, D 2. At the first D (4 us) one byte is missing. A is next used at
// 6 us, B at 9 us.
const SIZES = { room: 6, bytes: { A: 4, D: 2 } };
const SIZED_CALLS = "A B B D D A D D B";

test("belady-size evicts what takes most byte-time until its next use, belady what is used last", () => {
  //   D at 4: A takes 4 x (6 - 4) = 8, B 1 x (9 - 4) = 5: A goes.
  //   A at 6: B takes 1 x 3 = 3, D 2 x (7 - 6) = 2: B goes.  B at 9: neither A nor D comes again: A goes.
  expect(victimsOf(beladySizeEviction, SIZES, SIZED_CALLS)).toBe("D:A A:B B:A");
  //   D at 4: 9 > 6, so B goes.  A is warm.  B at 9: A goes.
  expect(victimsOf(beladyEviction, SIZES, SIZED_CALLS)).toBe("D:B B:A");
});

test("belady-cost divides that by the cost: 8 byte-us for 400 us are less waste than 5 for 100", () => {
  // With a cost of 400 us for A and 100 us for the others: 8 / 400 < 5 / 100, so B goes for D.
  const cacheCase = { ...SIZES, costUs: { A: 400 } };
  expect(victimsOf(beladyCostEviction, cacheCase, SIZED_CALLS)).toBe("D:B B:A");
});

test("a second container of a function is needed when two of its invocations run at once, not at the second arrival", () => {
  // f is called at 20, 30 and 40 us and runs 10, 10 and 5 us, then at 42 us: there the call of 40 still
  // runs, so two run at once. g is called at 35. With one idle container each: 20 < 35, g's goes. With
  // two of f, the second is needed at 42 > 35, although the second arrival is at 30: f's goes.
  const view = new FakeView([fakeFunction([]), fakeFunction([])]);
  view.future = new KnownFuture([
    { atUs: Float64Array.of(20, 30, 40, 42), runUs: Float64Array.of(10, 10, 5, 1) },
    { atUs: Float64Array.of(35), runUs: Float64Array.of(1) },
  ]);
  const policy = view.make(beladyEviction);
  const [f, g] = [0, 1].map((functionId) => view.addContainer({ functionId }));
  view.fallIdle(f);
  view.fallIdle(g);
  view.nowUs = 10;
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: g });
  view.fallIdle(view.addContainer({ functionId: 0 }));
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: f });
});

test("belady takes a Zygote that was last used before the chosen container fell idle", () => {
  const cache = new EvictCache(beladyEviction, { room: 3, future: "AB" });
  cache.view.addZygote([0], { lastUsedUs: 0 });
  cache.serve("A B");
  expect(cache.policy.victim(cache.view, 1)).toEqual({ tier: "import", zygote: 0 });
});
