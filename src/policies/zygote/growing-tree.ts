import { isEmptyPlace } from "../../contract/places.js";
import type { View, ZygotePlan, ZygotePolicy } from "../../contract/policy.js";
import type { FunctionId, FunctionProfile, Package } from "../../contract/workload.js";
import type { PackageTree } from "./package-tree.js";
import { firstFit, StaticTree } from "./static-tree.js";

/**
 * Starts functions from a tree file whose packages become known one after the other: a worker knows a
 * package when the first function with it is registered. Until then its nodes are left out.
 */
export class GrowingTree implements ZygotePolicy {
  readonly startsWithRoot = true;
  readonly #read: () => PackageTree;
  readonly #functions: readonly FunctionProfile[];
  readonly #packages: readonly Package[];
  /** How many packages were known when the tree was read. */
  #known = 0;
  #tree: StaticTree;

  /** `read` returns the tree of the packages that are known; places are filled in order. */
  constructor(
    read: () => PackageTree,
    functions: readonly FunctionProfile[],
    packages: readonly Package[],
  ) {
    this.#read = read;
    this.#functions = functions;
    this.#packages = packages;
    this.#tree = this.#readNow();
  }

  choose(view: View, functionId: FunctionId): ZygotePlan {
    if (this.#isKnown(this.#known)) this.#tree = this.#readNow();
    return this.#tree.choose(view, functionId);
  }

  #readNow(): StaticTree {
    while (this.#isKnown(this.#known)) this.#known++;
    const tree = this.#read();
    return new StaticTree(tree, this.#functions, firstFit(tree));
  }

  #isKnown(id: number): boolean {
    return id < this.#packages.length && !isEmptyPlace(this.#packages[id]);
  }
}
