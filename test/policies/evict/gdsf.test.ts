import { expect, test } from "vitest";
import type { EvictPolicy } from "../../../src/contract/policy.js";
import { gdsfEviction } from "../../../src/policies/evict/gdsf.js";
import { FakeView, fakeFunction, fakePackage } from "../fake-view.js";

/** Makes a container of the function that serves `runs` invocations and falls idle. */
function serve(
  view: FakeView,
  policy: EvictPolicy,
  functionId: number,
  runs: number,
  cost: { provisionUs: number; bytes: number },
) {
  const container = view.addContainer({ functionId, ...cost });
  policy.onContainerReady!(view, container);
  for (let run = 0; run < runs; run++) again(view, policy, container);
  return container;
}

function again(view: FakeView, policy: EvictPolicy, container: number) {
  view.beginRun(container);
  policy.onStart!(view, container, "warm", 0);
  view.fallIdle(container);
  policy.onIdle!(view, container);
}

function evict(view: FakeView, policy: EvictPolicy) {
  const victim = policy.victim(view, 1);
  if (victim?.tier === "handler") {
    policy.onContainerGone!(view, victim.container, true);
    view.removeContainer(victim.container);
  }
  return victim;
}

test("the lowest clock + frequency x cost / size goes, and its priority becomes the clock", () => {
  const view = new FakeView([fakeFunction([]), fakeFunction([]), fakeFunction([])]);
  const policy = view.make(gdsfEviction);
  // A: 0 + 2 x 100 / 20 = 10    B: 0 + 1 x 300 / 20 = 15
  const a = serve(view, policy, 0, 2, { provisionUs: 100, bytes: 20 });
  const b = serve(view, policy, 1, 1, { provisionUs: 300, bytes: 20 });
  expect(evict(view, policy)).toEqual({ tier: "handler", container: a }); // clock: 10
  const c = serve(view, policy, 2, 2, { provisionUs: 80, bytes: 20 });
  // C: 10 + 2 x 80 / 20 = 18, so it goes after B; without the clock, 8 would let it go before B
  expect(evict(view, policy)).toEqual({ tier: "handler", container: b });
  expect(evict(view, policy)).toEqual({ tier: "handler", container: c });
  expect(evict(view, policy)).toBeNull();
});

test("all containers of a function share its frequency until the last of them is gone", () => {
  const view = new FakeView([fakeFunction([]), fakeFunction([])]);
  const policy = view.make(gdsfEviction);
  const first = serve(view, policy, 0, 1, { provisionUs: 100, bytes: 10 });
  serve(view, policy, 0, 4, { provisionUs: 100, bytes: 10 });
  // both of function 0: 5 x 100 / 10 = 50; the other function: 1 x 400 / 10 = 40
  const other = serve(view, policy, 1, 1, { provisionUs: 400, bytes: 10 });
  expect(evict(view, policy)).toEqual({ tier: "handler", container: other });
  expect(evict(view, policy)).toEqual({ tier: "handler", container: first }); // tie: lowest id
  expect(evict(view, policy)).toMatchObject({ tier: "handler" }); // function 0 is gone: frequency 0
  // the clock is 50 now: 50 + 1 x 100 / 10 = 60 against 50 + 2 x 60 / 10 = 62
  const back = serve(view, policy, 0, 1, { provisionUs: 100, bytes: 10 });
  serve(view, policy, 1, 2, { provisionUs: 60, bytes: 10 });
  expect(evict(view, policy)).toEqual({ tier: "handler", container: back });
});

test("a Zygote competes by its forks, the import time of what it adds, and its size", () => {
  const view = new FakeView([fakeFunction([])], [fakePackage("a", { importUs: 300 })]);
  const policy = view.make(gdsfEviction);
  const root = view.addZygote([]);
  const zygote = view.addZygote([0], { parent: root, forks: 2, bytes: 100 });
  policy.onZygoteReady!(view, root, 0);
  policy.onZygoteReady!(view, zygote, 0);
  // Zygote: 2 x 300 / 100 = 6    container: 1 x 50 / 10 = 5, then 2 x 50 / 10 = 10
  const container = serve(view, policy, 0, 1, { provisionUs: 50, bytes: 10 });
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container });
  again(view, policy, container); // now the clock is 5: 5 + 10 = 15
  expect(policy.victim(view, 1)).toEqual({ tier: "import", zygote });
});

test("memory is kept free in the background only if `reserve` asks for it", () => {
  const view = new FakeView([fakeFunction([])]);
  expect(view.make(gdsfEviction).reserveBytes!(view)).toBe(0);
  expect(view.make(gdsfEviction, "reserve=1000MB").reserveBytes!(view)).toBe(1_000_000_000);
});
