import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitTree } from "../../../src/policies/zygote/fit-tree.js";
import type { PackageTree } from "../../../src/policies/zygote/package-tree.js";
import { fakeFunction, fakePackage } from "../fake-view.js";

const shape = (tree: PackageTree) =>
  tree.map(({ parent, packages }) => [parent, [...packages.ids]]);
const WEIGHTS = [10, 30, 20, 5];
/** 1 (pandas) depends on 0 (numpy); 2 and 3 have no dependencies. */
const PACKAGES = [[], [0], [], []].map((dependencies, id) =>
  fakePackage(`p${id}`, { dependencies, importUs: WEIGHTS[id] }),
);
/** Calls:   numpy pandas 2 3
 *       f0    x     x    x      once
 *       f1    x     x           twice
 *       f2    x                 three times
 *       f3               x x    twice
 */
const CALLS = [
  fakeFunction([0, 1, 2], { weight: 1 }),
  fakeFunction([0, 1], { weight: 2 }),
  fakeFunction([0], { weight: 3 }),
  fakeFunction([2, 3], { weight: 2 }),
];
const weightOf = (id: number) => WEIGHTS[id];

describe("a call matrix of four packages", () => {
  test("multi-package nodes: the split that saves most import work in the whole tree comes first", () => {
    // root: {0} 6 calls x 10 = 60   {1,0} 3 x (30 + 10) = 120   {2} 3 x 20 = 60   {3} 2 x 5 = 10
    //   -> node 1 = {0,1} with f0, f1.   root keeps f2, f3: {0} 3 x 10 = 30  {2} 2 x 20 = 40  {3} 10
    //                                    node 1: {2} 1 x 20 = 20
    //   -> node 2 = {2} under the root with f3: {3} 2 x 5 = 10.   root keeps f2: {0} 30
    //   -> node 3 = {0} under the root, 30;  node 4 = {0,1,2} under node 1, 20;  node 5 = {2,3}, 10
    const tree = fitTree(CALLS, PACKAGES, { nodes: 6, weightOf, multi: true });
    expect(shape(tree)).toEqual([
      [-1, []],
      [0, [0, 1]],
      [0, [2]],
      [0, [0]],
      [1, [0, 1, 2]],
      [2, [2, 3]],
    ]);
  });

  test("single-package nodes: prerequisites come first", () => {
    // root: {0} 60   {2} 60 (tie: lowest package)   pandas waits for numpy
    //   -> node 1 = {0} with f0, f1, f2: {1} 3 x 30 = 90;  root keeps f3: {2} 2 x 20 = 40
    //   -> node 2 = {0,1} under node 1;  node 3 = {2} under the root
    const tree = fitTree(CALLS, PACKAGES, { nodes: 4, weightOf, multi: false });
    expect(shape(tree)).toEqual([
      [-1, []],
      [0, [0]],
      [1, [0, 1]],
      [0, [2]],
    ]);
  });

  test("uniform weights count packages", () => {
    // root: {0} 6   {1,0} 3 x 2 = 6 (tie: lowest package)   {2} 3   {3} 2
    const tree = fitTree(CALLS, PACKAGES, { nodes: 2, weightOf: () => 1, multi: true });
    expect(shape(tree)).toEqual([
      [-1, []],
      [0, [0]],
    ]);
  });

  test("the tree stops growing when no split saves anything", () => {
    const tree = fitTree([fakeFunction([0])], PACKAGES, { nodes: 40, weightOf, multi: true });
    expect(shape(tree)).toEqual([
      [-1, []],
      [0, [0]],
    ]);
  });
});

test("packages that depend on each other are one node even in a single-package tree", () => {
  const circle = [[1], [0]].map((dependencies, id) => fakePackage(`p${id}`, { dependencies }));
  const fit = { nodes: 2, weightOf: () => 1, multi: false };
  expect(shape(fitTree([fakeFunction([0, 1])], circle, fit))[1]).toEqual([0, [0, 1]]);
});

test("every node adds packages to its parent's and closes over dependencies", () => {
  const closures = fc.array(fc.uniqueArray(fc.nat(11), { maxLength: 8 }), { maxLength: 20 });
  fc.assert(
    fc.property(closures, fc.boolean(), (ids, multi) => {
      const packages = Array.from({ length: 12 }, (_, id) =>
        fakePackage(`p${id}`, { dependencies: id % 3 === 0 ? [] : [id - 1] }),
      );
      const functions = ids.map((closure) => fakeFunction(closure));
      const tree = fitTree(functions, packages, { nodes: 12, weightOf: () => 1, multi });
      for (const { parent, packages: mine } of tree.slice(1)) {
        const inherited = tree[parent].packages;
        expect(inherited.isSubsetOf(mine)).toBe(true);
        expect(mine.size).toBeGreaterThan(inherited.size);
        for (const id of mine.ids)
          expect(packages[id].dependencies.every((needed) => mine.has(needed))).toBe(true);
        expect(functions.some(({ closure }) => mine.isSubsetOf(closure))).toBe(true);
      }
    }),
  );
});

const DATA = "../shared/data/packages";
interface FileTree {
  readonly packages: readonly string[];
  readonly children: readonly FileTree[];
  readonly split_generation: number;
}
interface DataPackage {
  readonly name: string;
  readonly version: string;
  /** [times seen, dependencies], the most common first. */
  readonly closures: readonly (readonly [number, readonly number[]])[];
}
interface DataWorkload {
  readonly funcs: readonly { readonly name: string; readonly reqs: readonly string[] }[];
  readonly calls: readonly string[];
}

function readData<T>(name: string): T {
  return JSON.parse(gunzipSync(readFileSync(`${DATA}/${name}`)).toString()) as T;
}

// Later splits differ, because Forklift tries each dependency set of a package that it saw; ours
// has one.
test.skipIf(!existsSync(DATA))(
  "on Forklift's training workload the first nine nodes are those of its published single-package tree (skipped without ../shared/data)",
  () => {
    const { pkgs } = readData<{ pkgs: readonly DataPackage[] }>("packages.json.gz");
    const workload = readData<DataWorkload>("forklift_trial0_w1.json.gz");
    const ids = new Map(pkgs.map(({ name, version }, id) => [`${name}==${version}`, id]));
    const packages = pkgs.map(({ name, closures }) =>
      fakePackage(name, { dependencies: closures[0]?.[1] ?? [] }),
    );
    const functions = new Map(
      workload.funcs.map(({ name, reqs }) => [
        name,
        fakeFunction(reqs.map((req) => ids.get(req)!)),
      ]),
    );
    const calls = workload.calls.map((name) => functions.get(name)!);
    const tree = fitTree(calls, packages, { nodes: 9, weightOf: () => 1, multi: false });

    const published: string[][] = [];
    const walk = (node: FileTree, inherited: readonly string[]) => {
      const all = [...inherited, ...node.packages].sort();
      published[node.split_generation] = all;
      for (const child of node.children) walk(child, all);
    };
    walk(readData<FileTree>("forklift_tree_v0.node40.json.gz"), []);
    const fitted = tree.map((node) =>
      [...node.packages.ids].map((id) => `${pkgs[id].name}==${pkgs[id].version}`).sort(),
    );
    expect(fitted).toEqual(published.slice(0, 9));
  },
);
