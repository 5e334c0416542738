import { expect, test } from "vitest";
import { sockEviction } from "../../../src/policies/evict/sock.js";
import { FakeView, fakeFunction, fakePackage } from "../fake-view.js";

/** A root with three children: packages 0 (300 us), 1 (100 us) and 2 (100 us), each of 50 bytes. */
function treeOfThree() {
  const packages = [300, 100, 100].map((importUs, id) => fakePackage(`p${id}`, { importUs }));
  const view = new FakeView([fakeFunction([0, 1, 2])], packages);
  const root = view.addZygote([]);
  const leaves = [0, 1, 2].map((id) => view.addZygote([id], { parent: root, bytes: 50 }));
  return { view, root, leaves: leaves as [number, number, number] };
}

test("Zygotes over their share go first: the one that saves the least import time per byte", () => {
  const { view, leaves } = treeOfThree();
  const policy = view.make(sockEviction);
  for (const zygote of view.zygotes.live) policy.onZygoteReady!(view, zygote, 0);
  const uses = [1, 2, 4]; // 1 x 300 / 50 = 6    2 x 100 / 50 = 4    4 x 100 / 50 = 8
  for (const [at, count] of uses.entries())
    for (let fork = 0; fork < count; fork++) policy.onFork!(view, leaves[at], 0);
  view.memory.zygoteBytes = 501; // of 1000: the share is half

  const order = [leaves[1], leaves[0], leaves[2]];
  for (const zygote of order) {
    expect(policy.victim(view, 1)).toEqual({ tier: "import", zygote });
    view.removeZygote(zygote);
  }
  expect(policy.victim(view, 1)).toBeNull(); // the root stays
});

test("a fork counts for all ancestors, and the cost is the memory that the eviction releases", () => {
  const { view, leaves } = treeOfThree();
  const child = view.addZygote([0, 1], { parent: leaves[0], bytes: 100 });
  const policy = view.make(sockEviction);
  for (const zygote of view.zygotes.live) policy.onZygoteReady!(view, zygote, 0);
  for (const zygote of [child, child, leaves[1], leaves[2]]) policy.onFork!(view, zygote, 0);
  view.memory.zygoteBytes = 600;
  // leaf 0 has a child, which scores 2 x 100 / 100 = 2
  // leaves 1 and 2, created before the child, score 1 x 100 / 50 = 2
  expect(policy.victim(view, 1)).toEqual({ tier: "import", zygote: leaves[1] });
  view.zygoteSlots[child].bytes = 101;
  expect(policy.victim(view, 1)).toEqual({ tier: "import", zygote: child });
  view.removeZygote(child);
  view.removeZygote(leaves[1]);
  // leaf 0 inherited both uses: 2 x 300 / 50 = 12 against 2
  expect(policy.victim(view, 1)).toEqual({ tier: "import", zygote: leaves[2] });
});

test("within their share Zygotes stay while there is an idle container", () => {
  const { view, leaves } = treeOfThree();
  const container = view.addContainer();
  view.fallIdle(container);
  const policy = view.make(sockEviction);
  for (const zygote of view.zygotes.live) policy.onZygoteReady!(view, zygote, 0);
  view.memory.zygoteBytes = 500;

  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container });
  view.removeContainer(container);
  expect(policy.victim(view, 1)).toEqual({ tier: "import", zygote: leaves[0] });
});

test("with importEviction=as-released no Zygote is ever evicted", () => {
  const { view } = treeOfThree();
  view.memory.zygoteBytes = 1000;
  expect(view.make(sockEviction, "importEviction=as-released").victim(view, 1)).toBeNull();
});
