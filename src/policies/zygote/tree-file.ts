import { InputError } from "../../basics/errors.js";
import { type PackageId, PackageSet } from "../../contract/package-set.js";
import { isEmptyPlace } from "../../contract/places.js";
import type { Catalogue } from "../../contract/workload.js";
import { dependencyClosures, type PackageTree, ROOT, type TreeNode } from "./package-tree.js";

/** A node in the files of OpenLambda and Forklift; other keys are ignored. */
interface FileNode {
  readonly packages: readonly string[];
  readonly children: readonly FileNode[];
}

/**
 * Reads an OpenLambda or Forklift tree, `{"packages": ["name==version"], "children": [...]}`. A
 * node also gets the dependencies of its packages. A node with packages that the catalogue lacks is
 * left out with its descendants, because no function could use it. Equal siblings are merged.
 *
 * Errors: InputError that names the file if it is not a tree, or if it shares no package with a
 * catalogue that does not grow.
 */
export function readTree(text: string, path: string, catalogue: Catalogue): PackageTree {
  const ids = new Map<string, PackageId>();
  for (const [id, { name, version }] of catalogue.packages.entries())
    ids.set(`${name}==${version}`, id);
  const closures = dependencyClosures(catalogue.packages);
  const file = checkNode(parseJson(text, path), path, "the root");
  if (file.packages.length > 0)
    throw new InputError(`${path}: the root of a Zygote tree has packages, expected none`);
  const tree: TreeNode[] = [ROOT];
  const unknown: string[] = [];

  const addChildren = (node: FileNode, parent: number): void => {
    for (const child of node.children) {
      const missing = child.packages.find((name) => !ids.has(name));
      if (missing !== undefined) {
        unknown.push(missing);
        continue;
      }
      const all = new Set(tree[parent].packages.ids);
      for (const name of child.packages) for (const id of closures[ids.get(name)!].ids) all.add(id);
      addChildren(child, place(tree, parent, new PackageSet(all)));
    }
  };
  addChildren(file, 0);
  if (tree.length === 1 && unknown.length > 0 && !catalogue.packages.some(isEmptyPlace))
    throw new InputError(
      `${path}: no package of this Zygote tree is in the package catalogue (the first is "${unknown[0]}", expected name==version)`,
    );
  return tree;
}

/** Index of the node with these packages under `parent`; the node is added if it does not exist. */
function place(tree: TreeNode[], parent: number, packages: PackageSet): number {
  if (packages.equals(tree[parent].packages)) return parent;
  const same = tree.findIndex((node) => node.parent === parent && node.packages.equals(packages));
  return same === -1 ? tree.push({ parent, packages }) - 1 : same;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${(error as Error).message}`);
  }
}

function checkNode(value: unknown, path: string, where: string): FileNode {
  const node = value as Partial<Record<"packages" | "children", unknown>> | null;
  const packages = node?.packages;
  const children = node?.children;
  const areNames =
    Array.isArray(packages) && packages.every((name: unknown) => typeof name === "string");
  if (!areNames || !Array.isArray(children))
    throw new InputError(
      `${path}: ${where} is not {"packages": ["name==version", ...], "children": [...]}`,
    );
  return {
    packages,
    children: children.map((child, at) => checkNode(child, path, `child ${at + 1} of ${where}`)),
  };
}
