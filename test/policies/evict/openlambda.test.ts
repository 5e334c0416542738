import { expect, test } from "vitest";
import { BYTES_PER_MIB } from "../../../src/basics/units.js";
import { openLambdaEviction } from "../../../src/policies/evict/openlambda.js";
import { FakeView, fakeFunction, fakePackage } from "../fake-view.js";

test("queue 0 is one queue of containers and Zygotes, by last event", () => {
  const view = new FakeView([fakeFunction([0])], [fakePackage("a"), fakePackage("b")]);
  const policy = view.make(openLambdaEviction);
  const at = (us: number) => {
    view.nowUs = us;
  };
  at(1);
  const zygoteA = view.addZygote([0]);
  policy.onZygoteReady!(view, zygoteA, 0);
  at(2);
  const zygoteB = view.addZygote([1]);
  policy.onZygoteReady!(view, zygoteB, 0);
  at(3);
  const container = view.addContainer();
  view.fallIdle(container);
  at(4);
  policy.onFork!(view, zygoteA, 0); // A moves to the back

  const order = [];
  for (let victim = policy.victim(view, 1); victim !== null; victim = policy.victim(view, 1)) {
    order.push(victim);
    if (victim.tier === "import") view.removeZygote(victim.zygote);
    else view.removeContainer(victim.container);
  }
  expect(order).toEqual([
    { tier: "import", zygote: zygoteB },
    { tier: "handler", container },
    { tier: "import", zygote: zygoteA },
  ]);
});

test("a Zygote with children (queue 2) and a running container (queue 1) are never evicted", () => {
  const view = new FakeView([fakeFunction([0])], [fakePackage("a")]);
  const policy = view.make(openLambdaEviction);
  const root = view.addZygote([]);
  const zygote = view.addZygote([0], { parent: root, containers: 1 });
  policy.onZygoteReady!(view, root, 0);
  policy.onZygoteReady!(view, zygote, 0);
  view.addContainer({ zygote }); // runs
  expect(policy.victim(view, 1)).toBeNull();
});

test("the exit of its last container sends a Zygote to the back of queue 0", () => {
  const view = new FakeView([fakeFunction([0])], [fakePackage("a")]);
  const policy = view.make(openLambdaEviction);
  const zygote = view.addZygote([0], { containers: 1 });
  policy.onZygoteReady!(view, zygote, 0);
  const child = view.addContainer({ zygote });
  view.nowUs = 5;
  const other = view.addContainer();
  view.fallIdle(other);
  view.nowUs = 6;
  policy.onContainerGone!(view, child, false);
  view.zygoteSlots[zygote].containers = 0;
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: other });
});

test.each([
  [500, 2], // 10 units: 1 + (10 - 2) x 20 / 100 = 2.6, cut to 2
  [1000, 4], // 20 units: 1 + 18 x 20 / 100 = 4.6
  [50, 1], // 1 unit: 1 + (-1 x 20) / 100 = 0.8 in Go's integers: 1 + 0
])("with a limit of %i MiB, %i units of 50 MiB are kept free", (limitMib, units) => {
  const view = new FakeView([fakeFunction([])]);
  view.memory.limitBytes = limitMib * BYTES_PER_MIB;
  const policy = view.make(openLambdaEviction);
  expect(policy.reserveBytes!(view)).toBe(units * 50 * BYTES_PER_MIB);
});

test("unlimited memory needs no reserve", () => {
  const view = new FakeView([fakeFunction([])]);
  view.memory.limitBytes = Number.POSITIVE_INFINITY;
  expect(view.make(openLambdaEviction).reserveBytes!(view)).toBe(0);
});
