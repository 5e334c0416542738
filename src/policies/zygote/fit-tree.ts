import { assert } from "../../basics/errors.js";
import { type PackageId, PackageSet } from "../../contract/package-set.js";
import type { TrainedFunction } from "../../contract/training.js";
import type { Package } from "../../contract/workload.js";
import { dependencyClosures, type PackageTree, ROOT } from "./package-tree.js";

/** Process-id namespaces nest 32 deep; Forklift leaves one for the handler and one for the host. */
const MAX_DEPTH = 30;

export interface TreeFit {
  /** Nodes of the tree, the root included; fewer if no split helps any more. */
  readonly nodes: number;
  /** Cost of importing a package whose dependencies are imported already. */
  weightOf(id: PackageId): number;
  /** A node may add a package together with all its dependencies that the node lacks. */
  readonly multi: boolean;
}

/** A row of Forklift's call matrix. Equal rows are merged, and their weights added. */
interface Call {
  readonly needs: PackageSet;
  weight: number;
}

interface Split {
  readonly packageId: PackageId;
  readonly added: readonly PackageId[];
  readonly benefit: number;
}

interface Growing {
  readonly parent: number;
  readonly depth: number;
  readonly packages: PackageSet;
  calls: readonly Call[];
  best: Split | null;
}

/**
 * Fits a Zygote tree to the functions' closures, greedily (Yang et al., WoSC 2024): the calls of a
 * node that need some packages move to a new child that has imported them. Each step makes the
 * split that saves most import work in the whole tree; of equals, the oldest node, then the lowest
 * package.
 */
export function fitTree(
  functions: readonly TrainedFunction[],
  packages: readonly Package[],
  fit: TreeFit,
): PackageTree {
  const closures = dependencyClosures(packages);
  const root: Growing = { ...ROOT, depth: 0, calls: mergeCalls(functions, closures), best: null };
  root.best = bestSplit(root, closures, fit);
  const nodes = [root];
  while (nodes.length < fit.nodes) {
    const at = mostWorthwhile(nodes);
    if (at === -1) break;
    nodes.push(split(nodes[at], at, closures, fit));
  }
  return nodes.map(({ parent, packages }) => ({ parent, packages }));
}

function mergeCalls(
  functions: readonly TrainedFunction[],
  closures: readonly PackageSet[],
): readonly Call[] {
  const areUnknown = functions.every(({ weight }) => weight === 0);
  const calls = new Map<string, Call>();
  for (const { closure, weight } of functions) {
    if (weight === 0 && !areUnknown) continue;
    // A package whose dependencies the closure lacks could never be inherited.
    const needs = new PackageSet(closure.ids.filter((id) => closures[id].isSubsetOf(closure)));
    const key = needs.ids.join();
    const call = calls.get(key) ?? { needs, weight: 0 };
    call.weight += areUnknown ? 1 : weight;
    calls.set(key, call);
  }
  return [...calls.values()];
}

function bestSplit(
  { packages, calls, depth }: Growing,
  closures: readonly PackageSet[],
  fit: TreeFit,
): Split | null {
  if (depth >= MAX_DEPTH) return null;
  const callWeights = new Float64Array(closures.length);
  for (const { needs, weight } of calls) for (const id of needs.ids) callWeights[id] += weight;
  let best: Split | null = null;
  for (const [id, closure] of closures.entries()) {
    if (callWeights[id] === 0 || packages.has(id)) continue;
    const added = [...closure.ids].filter((needed) => !packages.has(needed));
    // A package is added alone only if its dependencies are imported; a circle of them counts as
    // one.
    if (!fit.multi && !added.every((needed) => closures[needed].has(id))) continue;
    const benefit = callWeights[id] * added.reduce((sum, needed) => sum + fit.weightOf(needed), 0);
    if (benefit > (best?.benefit ?? 0)) best = { packageId: id, added, benefit };
  }
  return best;
}

function mostWorthwhile(nodes: readonly Growing[]): number {
  let most = -1;
  let benefit = 0;
  for (const [at, { best }] of nodes.entries()) {
    if (best === null || best.benefit <= benefit) continue;
    most = at;
    benefit = best.benefit;
  }
  return most;
}

function split(node: Growing, at: number, closures: readonly PackageSet[], fit: TreeFit): Growing {
  const chosen = node.best;
  assert(chosen !== null, "a node without a split was to be split");
  const packages = new PackageSet([...node.packages.ids, ...chosen.added]);
  const calls = node.calls.filter(({ needs }) => needs.has(chosen.packageId));
  const child: Growing = { parent: at, depth: node.depth + 1, packages, calls, best: null };
  node.calls = node.calls.filter(({ needs }) => !needs.has(chosen.packageId));
  node.best = bestSplit(node, closures, fit);
  child.best = bestSplit(child, closures, fit);
  return child;
}
