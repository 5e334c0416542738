import { expect, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { PackageSet } from "../../src/contract/package-set.js";
import { ZygoteTable } from "../../src/engine/tables/zygote-table.js";
import { zygoteTree } from "../../src/results/zygote-tree.js";
import { makePackage } from "../engine/harness.js";

const PACKAGES = ["numpy", "pandas"].map((name) => makePackage({ name, version: "1.0" }));

test("the tree names the packages that each Zygote added, and leaves out a Zygote that is gone", () => {
  const table = new ZygoteTable();
  const sizes = { createdAtUs: 0, importUs: 0, sharedBytes: 0, inheritedBytes: 0 };
  const none = PackageSet.EMPTY;
  const root = table.add({ ...sizes, parent: NONE, packages: none, added: none, bytes: 10 });
  const numpy = new PackageSet([0]);
  const child = table.add({ ...sizes, parent: 0, packages: numpy, added: numpy, bytes: 30 });
  const both = new PackageSet([0, 1]);
  const gone = table.add({ ...sizes, parent: 0, packages: both, added: both, bytes: 50 });
  table.retire(gone, "destroying");
  child.forks = 7;
  expect(zygoteTree(table, PACKAGES)).toEqual([
    { id: root.id, parent: null, packages: [], bytes: 10, forks: 0 },
    { id: child.id, parent: root.id, packages: ["numpy==1.0"], bytes: 30, forks: 7 },
  ]);
});
