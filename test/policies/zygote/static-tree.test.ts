import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/basics/errors.js";
import { NONE } from "../../../src/basics/none.js";
import { PackageSet } from "../../../src/contract/package-set.js";
import type { PolicyContext } from "../../../src/contract/policy-context.js";
import { forkliftZygotes } from "../../../src/policies/zygote/forklift.js";
import { openLambdaZygotes } from "../../../src/policies/zygote/openlambda.js";
import type { PackageTree } from "../../../src/policies/zygote/package-tree.js";
import { bestFit, firstFit } from "../../../src/policies/zygote/static-tree.js";
import { readTree } from "../../../src/policies/zygote/tree-file.js";
import { FakeView, fakeFunction, fakePackage } from "../fake-view.js";

const set = (...ids: number[]) => new PackageSet(ids);
/** root -> {0} -> {0,1};  root -> {2} -> {2,3} */
const TREE: PackageTree = [
  { parent: -1, packages: set() },
  { parent: 0, packages: set(0) },
  { parent: 1, packages: set(0, 1) },
  { parent: 0, packages: set(2) },
  { parent: 3, packages: set(2, 3) },
];

describe("lookup", () => {
  test("the first fit descends into the first child that fits, and never goes back", () => {
    const find = firstFit(TREE);
    expect(find(set(0, 2, 3))).toBe(1); // {2,3} is deeper, but {0} comes first
    expect(find(set(2, 3))).toBe(4);
    expect(find(set(1))).toBe(0);
  });

  test("the best fit is the node that saves most, wherever it is", () => {
    const values = [10, 10, 30, 5]; // {0} saves 10, {2,3} saves 30 + 5
    const find = bestFit(TREE, ({ ids }) => ids.reduce((sum, id) => sum + values[id], 0));
    expect(find(set(0, 2, 3))).toBe(4);
    expect(find(set(1, 3))).toBe(0);
  });
});

describe("Zygotes of a tree", () => {
  const packages = [10, 10].map((importUs, id) =>
    fakePackage(`p${id}`, { importUs, dependencies: id === 1 ? [0] : [] }),
  );

  test("are created one level per question, and again if one is gone", () => {
    // single-package tree of both functions: root -> {0} -> {0,1}
    const view = new FakeView([fakeFunction([0, 1]), fakeFunction([0])], packages);
    const policy = view.make(forkliftZygotes, "nodes=3,multi=false");
    const create = (parent: number, packages: PackageSet) => ({
      forkFrom: parent,
      create: { parent, packages },
    });
    expect(policy.choose(view, 0)).toEqual(create(NONE, set()));
    const root = view.addZygote([]);
    expect(policy.choose(view, 0)).toEqual(create(root, set(0)));
    const middle = view.addZygote([0], { parent: root, state: "creating" });
    expect(policy.choose(view, 1)).toEqual({ forkFrom: middle, create: null });
    expect(policy.choose(view, 0)).toEqual(create(middle, set(0, 1)));
    const leaf = view.addZygote([0, 1], { parent: middle });
    expect(policy.choose(view, 0)).toEqual({ forkFrom: leaf, create: null });
    view.removeZygote(leaf);
    expect(policy.choose(view, 0)).toEqual(create(middle, set(0, 1)));
  });

  test("an answer that is still right is the same object, so that asking again allocates nothing", () => {
    const view = new FakeView([fakeFunction([0, 1])], packages);
    view.addZygote([]);
    const policy = view.make(openLambdaZygotes);
    expect(policy.choose(view, 0)).toBe(policy.choose(view, 0));
  });
});

describe("tree files", () => {
  const catalogue = {
    source: "test",
    packages: [
      fakePackage("numpy", { version: "1.25.2" }),
      fakePackage("pandas", { version: "2.1.0", dependencies: [0] }),
    ],
  };
  const read = (tree: unknown) => readTree(JSON.stringify(tree), "tree.json", catalogue);
  const node = (packages: string[], ...children: unknown[]) => ({ packages, children });

  test("a node has the dependencies of its packages, whether the file lists them or not", () => {
    const tree = read({ ...node([], node(["pandas==2.1.0"])), split_generation: 0 });
    expect(tree).toEqual([
      { parent: -1, packages: set() },
      { parent: 0, packages: set(0, 1) },
    ]);
  });

  test("a node with a package outside the catalogue is left out with its descendants; equal siblings are merged", () => {
    const tree = read(
      node(
        [],
        node(["six==1"], node(["numpy==1.25.2"])),
        node(["numpy==1.25.2"]),
        node(["numpy==1.25.2"], node(["pandas==2.1.0"])),
      ),
    );
    expect(tree.map(({ parent, packages }) => [parent, [...packages.ids]])).toEqual([
      [-1, []],
      [0, [0]],
      [1, [0, 1]],
    ]);
  });

  test.each([
    ["{", /^tree\.json: not JSON/],
    ['{"packages": []}', /^tree\.json: the root is not \{"packages"/],
    ['{"packages": [], "children": [{}]}', /child 1 of the root is not/],
    ['{"packages": ["numpy==1.25.2"], "children": []}', /the root of a Zygote tree has packages/],
    [
      '{"packages": [], "children": [{"packages": ["numpy"], "children": []}]}',
      /no package of this Zygote tree is in the package catalogue \(the first is "numpy"/,
    ],
  ])("%s is refused with the file and what was expected", (text, message) => {
    expect(() => readTree(text, "tree.json", catalogue)).toThrow(InputError);
    expect(() => readTree(text, "tree.json", catalogue)).toThrow(message);
  });

  test("the openlambda policy reads the tree that its parameter names", () => {
    const view = new FakeView([fakeFunction([0])], catalogue.packages);
    const read: string[] = [];
    const context: PolicyContext = {
      ...view.context,
      readText(path) {
        read.push(path);
        return JSON.stringify(node([], node(["numpy==1.25.2"])));
      },
    };
    const policy = openLambdaZygotes.create({ tree: "my-tree.json" }, context);
    const root = view.addZygote([]);
    expect(policy.choose(view, 0).create).toEqual({ parent: root, packages: set(0) });
    expect(read).toEqual(["my-tree.json"]);
  });
});
