import { expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { PackageSet } from "../../../src/contract/package-set.js";
import { addPlaces } from "../../../src/contract/places.js";
import type { FunctionProfile, Package } from "../../../src/contract/workload.js";
import { GrowingTree } from "../../../src/policies/zygote/growing-tree.js";
import { readTree } from "../../../src/policies/zygote/tree-file.js";
import { FakeView, fakeFunction, fakePackage } from "../fake-view.js";

const node = (packages: string[], ...children: unknown[]) => ({ packages, children });
/** root -> numpy -> pandas;  root -> six */
const FILE = node([], node(["numpy==1"], node(["pandas==2"])), node(["six==1"]));

/** A worker that has places for packages and functions, and knows none of them yet. */
function emptyWorker() {
  const functions: FunctionProfile[] = [];
  const packages: Package[] = [];
  addPlaces(functions, packages, { functions: 4, packages: 4 });
  const read = () => readTree(JSON.stringify(FILE), "tree.json", { source: "test", packages });
  return { functions, packages, policy: new GrowingTree(read, functions, packages) };
}

const set = (...ids: number[]) => new PackageSet(ids);

test("a function whose packages become known after the start gets its node of the tree", () => {
  const { functions, packages, policy } = emptyWorker();
  const view = new FakeView(functions, packages);
  const root = view.addZygote([]);
  functions[0] = fakeFunction([]);
  expect(policy.choose(view, 0)).toEqual({ forkFrom: root, create: null });
  packages[0] = fakePackage("six", { version: "1" });
  functions[1] = fakeFunction([0]);
  expect(policy.choose(view, 1)).toEqual({
    forkFrom: root,
    create: { parent: root, packages: set(0) },
  });
  packages[1] = fakePackage("numpy", { version: "1" });
  packages[2] = fakePackage("pandas", { version: "2", dependencies: [1] });
  functions[2] = fakeFunction([1, 2]);
  const numpy = { parent: root, packages: set(1) };
  expect(policy.choose(view, 2)).toEqual({ forkFrom: root, create: numpy });
  const leaf = view.addZygote([1], { parent: root });
  const pandas = { parent: leaf, packages: set(1, 2) };
  expect(policy.choose(view, 2)).toEqual({ forkFrom: leaf, create: pandas });
});

test("Zygotes that exist keep their nodes when the tree grows", () => {
  const { functions, packages, policy } = emptyWorker();
  const view = new FakeView(functions, packages);
  packages[0] = fakePackage("six", { version: "1" });
  functions[0] = fakeFunction([0]);
  expect(policy.choose(view, 0)).toEqual({
    forkFrom: NONE,
    create: { parent: NONE, packages: set() },
  });
  const root = view.addZygote([]);
  const six = view.addZygote([0], { parent: root });
  expect(policy.choose(view, 0)).toEqual({ forkFrom: six, create: null });
  packages[1] = fakePackage("numpy", { version: "1" });
  functions[1] = fakeFunction([1]);
  expect(policy.choose(view, 1)).toMatchObject({ create: { parent: root, packages: set(1) } });
  expect(policy.choose(view, 0)).toEqual({ forkFrom: six, create: null });
});
