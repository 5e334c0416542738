import { expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { PackageSet } from "../../../src/contract/package-set.js";
import { sockZygotes } from "../../../src/policies/zygote/sock.js";
import { FakeView, fakeFunction, fakePackage } from "../fake-view.js";

const PACKAGES = ["a", "b", "c", "d"].map((name) => fakePackage(name));

test("the Zygote with most of the function's packages is forked; of equals, the first created", () => {
  const view = new FakeView([fakeFunction([0, 1, 2])], PACKAGES);
  const root = view.addZygote([]);
  view.addZygote([0], { parent: root });
  const first = view.addZygote([0, 1], { parent: root });
  view.addZygote([1, 2], { parent: root });
  view.memory.zygoteBytes = 500; // full: half of 1000
  expect(view.make(sockZygotes).choose(view, 0)).toEqual({ forkFrom: first, create: null });
});

test("a Zygote with a package outside the closure is never chosen, however many packages match", () => {
  const view = new FakeView([fakeFunction([0, 1, 2])], PACKAGES);
  const root = view.addZygote([]);
  view.addZygote([0, 1, 2, 3], { parent: root });
  view.memory.zygoteBytes = 500;
  expect(view.make(sockZygotes).choose(view, 0).forkFrom).toBe(root);
});

test("on a miss all missing packages are imported in a new Zygote under the best match", () => {
  const view = new FakeView([fakeFunction([0, 1, 2])], PACKAGES);
  const root = view.addZygote([]);
  const match = view.addZygote([1], { parent: root });
  const policy = view.make(sockZygotes);
  const create = { parent: match, packages: new PackageSet([0, 1, 2]) };
  expect(policy.choose(view, 0)).toEqual({ forkFrom: match, create });

  view.memory.zygoteBytes = 500; // the import cache has reached its share: no Zygote is created
  expect(policy.choose(view, 0)).toEqual({ forkFrom: match, create: null });
});

test("a Zygote that is being created counts as a match, so that a burst creates it once", () => {
  const view = new FakeView([fakeFunction([0, 1])], PACKAGES);
  const root = view.addZygote([]);
  const policy = view.make(sockZygotes);
  expect(policy.choose(view, 0).create).not.toBeNull();
  const coming = view.addZygote([0, 1], { parent: root, state: "creating" });
  expect(policy.choose(view, 0)).toEqual({ forkFrom: coming, create: null });
});

test("if there is no Zygote, one without a parent is created", () => {
  const view = new FakeView([fakeFunction([0])], PACKAGES);
  expect(view.make(sockZygotes).choose(view, 0)).toEqual({
    forkFrom: NONE,
    create: { parent: NONE, packages: new PackageSet([0]) },
  });
});

test("with alone=0.4 two functions of five, spread evenly, are never forked: the third and the fifth", () => {
  const view = new FakeView(Array(5).fill(fakeFunction([0])), PACKAGES);
  const root = view.addZygote([]);
  view.addZygote([0], { parent: root });
  const policy = view.make(sockZygotes, "alone=0.4");
  // floor(0.4 n) grows at n = 3 (1.2) and n = 5 (2.0)
  const forked = [0, 1, 2, 3, 4].map((id) => policy.choose(view, id).forkFrom !== NONE);
  expect(forked).toEqual([true, true, false, true, false]);
  expect(policy.choose(view, 4).create).toBeNull();
});
