import { expect, test } from "vitest";
import { cidreEviction } from "../../../src/policies/evict/cidre.js";
import { landlordEviction } from "../../../src/policies/evict/landlord.js";
import { lfuEviction } from "../../../src/policies/evict/lfu.js";
import {
  frequencyOverSize,
  frequencyTimesCost,
  largestFirst,
} from "../../../src/policies/evict/size.js";
import { FakeView, fakeFunction } from "../fake-view.js";
import { EvictCache, victimsOf } from "./cache.js";

test("lfu evicts the fewest uses; of equals, what was used longest ago", () => {
  // A 3, B 2, C 2. B was used before C.
  expect(victimsOf(lfuEviction, { room: 3 }, "A A A B B C C D")).toBe("D:B");
  // A 2, B 2, C 2; C was used longest ago and goes for D. D has 1 use and goes for E, E for F.
  expect(victimsOf(lfuEviction, { room: 3 }, "A B C C B A D E F")).toBe("D:C E:D F:E");
});

test("lfu without aging never evicts what was once popular, with aging it does", () => {
  // Room for 2. A has 4 uses; then each of B, C, D, E comes once.
  //   without: B, C, D go in turn.
  expect(victimsOf(lfuEviction, { room: 2 }, "A A A A B C D E F")).toBe("C:B D:C E:D F:E");
  //   with: A 0 + 4. B 0 + 1: goes for C, L = 1. C 1 + 1 = 2: goes for D, L = 2. D 2 + 1 = 3: goes for
  //   E, L = 3. E 3 + 1 = 4, equal to A: A was used longest ago and goes for F.
  const settings = "aging=true";
  expect(victimsOf(lfuEviction, { room: 2, settings }, "A A A A B C D E F")).toBe(
    "C:B D:C E:D F:A",
  );
});

test("a Zygote competes in lfu by its forks", () => {
  const cache = new EvictCache(lfuEviction, { room: 3 });
  cache.view.addZygote([], { forks: 1 });
  cache.policy.onZygoteReady!(cache.view, 0, 0);
  cache.serve("A A");
  expect(cache.policy.victim(cache.view, 1)).toEqual({ tier: "import", zygote: 0 });
  cache.view.zygoteSlots[0].containers = 1; // its pages would stay
  expect(cache.policy.victim(cache.view, 1)).toEqual({ tier: "handler", container: 0 });
  cache.view.zygoteSlots[0].containers = 0;
  cache.view.zygoteSlots[0].forks = 2;
  expect(cache.policy.victim(cache.view, 1)).toEqual({ tier: "handler", container: 0 });
});

test("landlord evicts what has the least credit per byte, and takes that much rent per byte of all", () => {
  // Costs 6, 2, 4; sizes 2, 1, 1; room for 4.
  //   A B C    credit A 6, B 2, C 4       per byte 3, 2, 4
  //   D        B goes. Rent 2 per byte:   A 6 - 4 = 2, C 4 - 2 = 2       per byte 1, 2
  //            D enters with cost 3, size 1
  //   A        hit: credit 6              per byte A 3, C 2, D 3
  //   E        C goes. Rent 2 per byte:   A 6 - 4 = 2, D 3 - 2 = 1       per byte 1, 1
  //            E enters with cost 9, size 1
  //   F        A and D are equal; D has been idle for longer and goes. Rent 1 per byte: A has none left
  //   G        A goes
  const room = 4;
  const bytes = { A: 2 };
  const costUs = { A: 6, B: 2, C: 4, D: 3, E: 9, F: 9, G: 9 };
  expect(victimsOf(landlordEviction, { room, bytes, costUs }, "A B C D A E F G")).toBe(
    "D:B E:C F:D G:A",
  );
});

test("landlord:cost=one counts size and age alone", () => {
  // 1 / size: A 1/4, B 1/2. A goes although it costs more; the clock is 1/4, C has 1/4 + 1/4 = 1/2, as
  // B has, which was used longest ago and goes for D.
  const cacheCase = { room: 6, settings: "cost=one", bytes: { A: 4, B: 2, C: 4, D: 2 } };
  const costUs = { A: 1_000, B: 1, C: 1, D: 1 };
  expect(victimsOf(landlordEviction, { ...cacheCase, costUs }, "A B C D")).toBe("C:A D:B");
});

test("size-desc evicts the largest, whatever its uses", () => {
  const cacheCase = { room: 10, bytes: { A: 5, B: 2, C: 3, D: 4 } };
  expect(victimsOf(largestFirst, cacheCase, "A A A B C D")).toBe("D:A");
});

test("freq-over-size counts no cost, freq-times-cost counts no size", () => {
  // A: 2 uses, size 4, cost 100.   B: 1 use, size 1, cost 150.   room for 5
  //   freq / size: A 2/4 = 0.5, B 1: A goes.      freq x cost: A 200, B 150: B goes.
  const cacheCase = { room: 5, bytes: { A: 4 }, costUs: { B: 150 } };
  expect(victimsOf(frequencyOverSize, cacheCase, "A A B C")).toBe("C:A");
  expect(victimsOf(frequencyTimesCost, cacheCase, "A A B C")).toBe("C:B");
});

test("freq-over-size and freq-times-cost add the priority of the last victim", () => {
  // freq / size, all sizes 1, room for 2: A 3. B 1 goes for C, C 1 + 1 goes for D, D 2 + 1 = 3 as A:
  // A was used longest ago and goes for E.
  expect(victimsOf(frequencyOverSize, { room: 2 }, "A A A B C D E")).toBe("C:B D:C E:A");
  expect(victimsOf(frequencyTimesCost, { room: 2 }, "A A A B C D E")).toBe("C:B D:C E:A");
});

/** Two idle containers of function 0 and one of function 1, each of the same cost and size. */
function threeContainers() {
  const view = new FakeView([fakeFunction([]), fakeFunction([])]);
  const policy = view.make(cidreEviction);
  const serve = (container: number, runs: number) => {
    for (let run = 0; run < runs; run++) {
      view.beginRun(container);
      policy.onStart!(view, container, "warm", 0);
      view.fallIdle(container);
      policy.onIdle!(view, container);
    }
  };
  const add = (functionId: number, runs: number) => {
    const container = view.addContainer({ functionId, provisionUs: 100, bytes: 10 });
    policy.onContainerReady!(view, container);
    serve(container, runs);
    return container;
  };
  return { view, policy, add };
}

test("cidre divides the worth of a function by its containers: two of three invocations are worth less than one of two", () => {
  const { view, policy, add } = threeContainers();
  // Function 0: 3 x 100 / (10 x 2) = 15 for each of two containers. Function 1: 2 x 100 / 10 = 20.
  const first = add(0, 2);
  const other = add(1, 2);
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: first }); // 2 x 100 / 10 = 20
  const second = add(0, 1);
  // The clock was 20 when the second began: 20 + 15. The first is still at 0 + 15, below 0 + 20.
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: first });
  policy.onContainerGone!(view, first, true);
  view.removeContainer(first);
  // Function 0 has one container again: 20 + 3 x 100 / 10 = 50. Function 1 has 20.
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: other });
  policy.onContainerGone!(view, other, true);
  view.removeContainer(other);
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: second });
});

test("cidre: a container that becomes ready lowers the priority of the idle ones of its function at once", () => {
  const { view, policy, add } = threeContainers();
  const first = add(0, 3); // 3 x 100 / 10 = 30
  const other = add(1, 2); // 2 x 100 / 10 = 20
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: other });
  const second = view.addContainer({ functionId: 0, provisionUs: 100, bytes: 10 });
  policy.onContainerReady!(view, second); // 3 x 100 / (10 x 2) = 15, below 20
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: first });
});
