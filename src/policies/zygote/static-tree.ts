import { NONE } from "../../basics/none.js";
import type { PackageSet } from "../../contract/package-set.js";
import type { View, ZygotePlan, ZygotePolicy, ZygotesView } from "../../contract/policy.js";
import type { FunctionId, FunctionProfile } from "../../contract/workload.js";
import type { PackageTree } from "./package-tree.js";

const UNKNOWN = -2;

/**
 * Starts functions from a tree that does not change. Each function has its node, and the Zygotes on
 * the path from the root to this node are created whenever they are needed and missing.
 */
export class StaticTree implements ZygotePolicy {
  readonly startsWithRoot = true;
  readonly #tree: PackageTree;
  readonly #functions: readonly FunctionProfile[];
  readonly #nodeFor: (closure: PackageSet) => number;
  readonly #nodeOfFunction: Int32Array;
  readonly #zygoteOfNode: Int32Array;
  readonly #plans: (ZygotePlan | null)[];
  readonly #childrenOf: readonly (readonly number[])[];
  #version = -1;

  /**
   * `nodeFor` returns the index of the node for a closure; the node's packages must be a subset.
   */
  constructor(
    tree: PackageTree,
    functions: readonly FunctionProfile[],
    nodeFor: (closure: PackageSet) => number,
  ) {
    this.#tree = tree;
    this.#functions = functions;
    this.#nodeFor = nodeFor;
    this.#nodeOfFunction = new Int32Array(functions.length).fill(UNKNOWN);
    this.#zygoteOfNode = new Int32Array(tree.length).fill(NONE);
    this.#plans = new Array(tree.length).fill(null);
    this.#childrenOf = childrenOf(tree);
  }

  choose(view: View, functionId: FunctionId): ZygotePlan {
    if (this.#version !== view.zygotes.version) this.#findZygotes(view.zygotes);
    let node = this.#nodeOfFunction[functionId];
    if (node === UNKNOWN) {
      node = this.#nodeFor(this.#functions[functionId].closure);
      this.#nodeOfFunction[functionId] = node;
    }
    this.#plans[node] ??= this.#plan(node);
    return this.#plans[node]!;
  }

  /** Forks the node's Zygote; if it does not exist, the next level towards it is created first. */
  #plan(target: number): ZygotePlan {
    let missing = NONE;
    let node = target;
    while (node !== NONE && this.#zygoteOfNode[node] === NONE) {
      missing = node;
      node = this.#tree[node].parent;
    }
    const forkFrom = node === NONE ? NONE : this.#zygoteOfNode[node];
    if (missing === NONE) return { forkFrom, create: null };
    return { forkFrom, create: { parent: forkFrom, packages: this.#tree[missing].packages } };
  }

  /**
   * Finds the Zygote of each node: a child of its parent node's Zygote that has the node's
   * packages.
   */
  #findZygotes(zygotes: ZygotesView): void {
    this.#version = zygotes.version;
    this.#zygoteOfNode.fill(NONE);
    this.#plans.fill(null);
    const nodeOfZygote = new Map<number, number>();
    for (const zygote of zygotes.live) {
      const parent = zygotes.parentOf(zygote);
      const candidates = parent === NONE ? [0] : this.#childrenOf[nodeOfZygote.get(parent) ?? -1];
      const packages = zygotes.packagesOf(zygote);
      const node = candidates?.find((at) => this.#tree[at].packages.equals(packages));
      if (node === undefined || this.#zygoteOfNode[node] !== NONE) continue;
      this.#zygoteOfNode[node] = zygote;
      nodeOfZygote.set(zygote, node);
    }
  }
}

/** OpenLambda's lookup: depth first, always into the first child that fits. */
export function firstFit(tree: PackageTree): (closure: PackageSet) => number {
  const children = childrenOf(tree);
  return (closure) => {
    for (let node = 0; ; ) {
      const child = children[node].find((at) => tree[at].packages.isSubsetOf(closure));
      if (child === undefined) return node;
      node = child;
    }
  };
}

/** The fitting node with the largest `value`; of equals, the first. */
export function bestFit(
  tree: PackageTree,
  value: (packages: PackageSet) => number,
): (closure: PackageSet) => number {
  const values = tree.map(({ packages }) => value(packages));
  return (closure) => {
    let best = 0;
    for (const [node, { packages }] of tree.entries())
      if (values[node] > values[best] && packages.isSubsetOf(closure)) best = node;
    return best;
  };
}

function childrenOf(tree: PackageTree): readonly (readonly number[])[] {
  const children: number[][] = tree.map(() => []);
  for (const [node, { parent }] of tree.entries()) if (parent !== -1) children[parent].push(node);
  return children;
}
