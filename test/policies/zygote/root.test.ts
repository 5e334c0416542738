import { expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { PackageSet } from "../../../src/contract/package-set.js";
import { noZygotes } from "../../../src/policies/zygote/none.js";
import { rootZygote } from "../../../src/policies/zygote/root.js";
import { FakeView, fakeFunction } from "../fake-view.js";

test("none starts without a Zygote even if one fits", () => {
  const view = new FakeView([fakeFunction([])]);
  view.addZygote([]);
  expect(view.make(noZygotes).choose(view, 0)).toEqual({ forkFrom: NONE, create: null });
});

test("root forks from the root Zygote, and creates it again if it is gone", () => {
  const view = new FakeView([fakeFunction([])]);
  const policy = view.make(rootZygote);
  const root = view.addZygote([]);
  expect(policy.choose(view, 0)).toEqual({ forkFrom: root, create: null });
  view.removeZygote(root);
  const create = { parent: NONE, packages: PackageSet.EMPTY };
  expect(policy.choose(view, 0)).toEqual({ forkFrom: NONE, create });
});
