import { expect, test } from "vitest";
import { lruEviction } from "../../../src/policies/evict/lru.js";
import { FakeView, fakeFunction, fakePackage } from "../fake-view.js";

function idleContainer(view: FakeView, atUs: number) {
  view.nowUs = atUs;
  const container = view.addContainer();
  view.fallIdle(container);
  return container;
}

test("the container that fell idle first goes first, whenever it was created", () => {
  const view = new FakeView([fakeFunction([])]);
  const early = view.addContainer(); // created at 0, idle at 30
  const late = idleContainer(view, 20);
  view.nowUs = 30;
  view.fallIdle(early);
  const policy = view.make(lruEviction);

  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: late });
  view.removeContainer(late);
  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: early });
  view.removeContainer(early);
  expect(policy.victim(view, 1)).toBeNull();
});

test("a Zygote goes only if it was used before the oldest idle container, not at the same time", () => {
  const view = new FakeView([fakeFunction([])], [fakePackage("a")]);
  const container = idleContainer(view, 20);
  const zygote = view.addZygote([0], { lastUsedUs: 20 });
  const policy = view.make(lruEviction);

  expect(policy.victim(view, 1)).toEqual({ tier: "handler", container });
  view.zygoteSlots[zygote].lastUsedUs = 19;
  expect(policy.victim(view, 1)).toEqual({ tier: "import", zygote });
});

test("Zygotes that have children, are pinned, or are being created are passed over", () => {
  const view = new FakeView([fakeFunction([])], [fakePackage("a"), fakePackage("b")]);
  const parent = view.addZygote([], { lastUsedUs: 1 });
  view.addZygote([0], { parent, lastUsedUs: 2, isPinned: true });
  view.addZygote([1], { parent, lastUsedUs: 3, state: "creating" });
  const leaf = view.addZygote([0, 1], { parent, lastUsedUs: 4 });

  expect(view.make(lruEviction).victim(view, 1)).toEqual({ tier: "import", zygote: leaf });
});
