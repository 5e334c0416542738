import { type PackageId, PackageSet } from "../../contract/package-set.js";
import type { Package } from "../../contract/workload.js";

/** A node of a Zygote tree, before any Zygote exists for it. */
export interface TreeNode {
  /** Index of its parent, which comes before it; -1 for the root. */
  readonly parent: number;
  /** All packages of a Zygote at this node, those of its ancestors included. */
  readonly packages: PackageSet;
}

/** A Zygote tree: first the root, which has no packages; siblings are in order of preference. */
export type PackageTree = readonly TreeNode[];

export const ROOT: TreeNode = { parent: -1, packages: PackageSet.EMPTY };

/** Each package with all that it depends on, directly or not. Dependencies may form circles. */
export function dependencyClosures(packages: readonly Package[]): readonly PackageSet[] {
  return packages.map((_, id) => {
    const reached = new Set<PackageId>([id]);
    for (const next of reached)
      for (const dependency of packages[next].dependencies) reached.add(dependency);
    return new PackageSet(reached);
  });
}

/** Time to import all packages of the set, in microseconds. */
export function importUsOf(set: PackageSet, packages: readonly Package[]): number {
  let us = 0;
  for (const id of set.ids) us += packages[id].importUs;
  return us;
}
