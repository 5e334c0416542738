import { expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { installAll } from "../../../src/policies/install/all.js";
import { gdsfInstalls } from "../../../src/policies/install/gdsf.js";
import { lruInstalls } from "../../../src/policies/install/lru.js";
import { installNone } from "../../../src/policies/install/none.js";
import { FakeView, fakePackage } from "../fake-view.js";

test("lru drops the unused package that was not needed for longest", () => {
  const view = new FakeView(
    [],
    [0, 1, 2, 3].map((id) => fakePackage(`p${id}`)),
  );
  view.install(0, 30);
  view.install(3, 20);
  view.install(2, 20);
  view.install(1, 10);
  view.installed.get(1)!.isPinned = true;
  const policy = view.make(lruInstalls);
  const order = [];
  for (let victim = policy.victim(view, 1); victim !== NONE; victim = policy.victim(view, 1)) {
    order.push(victim);
    view.installed.delete(victim);
  }
  expect(order).toEqual([2, 3, 0]); // 2 and 3 tie: the lowest id; 1 is in use
});

test("all wants every package on disk, the most popular first; lru as many as `preinstall` says", () => {
  const view = new FakeView(
    [],
    [1, 5, 5].map((popularity, id) => fakePackage(`p${id}`, { popularity })),
  );
  expect([...view.make(installAll).preinstalled(view)]).toEqual([1, 2, 0]);
  expect([...view.make(lruInstalls, "preinstall=2").preinstalled(view)]).toEqual([1, 2]);
  expect([...view.make(lruInstalls).preinstalled(view)]).toEqual([]);
});

test("none drops each package that is no longer used", () => {
  const view = new FakeView([], [fakePackage("p")]);
  expect(view.make(installNone).keepUnused(view, 0)).toBe(false);
  expect(view.make(lruInstalls).keepUnused(view, 0)).toBe(true);
});

test("gdsf drops the package with the lowest clock + uses x install time / disk size, and ages the others", () => {
  const figures = [
    { installUs: 100, diskBytes: 10 },
    { installUs: 400, diskBytes: 100 },
    { installUs: 120, diskBytes: 10 },
  ];
  const view = new FakeView(
    [],
    figures.map((figure, id) => fakePackage(`p${id}`, figure)),
  );
  const policy = view.make(gdsfInstalls);
  const use = (id: number) => {
    policy.onPackageUse!(view, id, false);
    view.install(id);
  };
  const evict = () => {
    const victim = policy.victim(view, 1);
    policy.onPackageGone!(view, victim);
    view.installed.delete(victim);
    return victim;
  };
  use(0); // 1 x 100 / 10 = 10
  use(1);
  use(1); // 2 x 400 / 100 = 8
  use(2); // 1 x 120 / 10 = 12
  expect(evict()).toBe(1); // clock: 8
  use(1); // its uses are counted again from 0: 8 + 1 x 400 / 100 = 12
  expect(evict()).toBe(0); // 10
  expect(evict()).toBe(1); // 12, like package 2: the lowest id
});
