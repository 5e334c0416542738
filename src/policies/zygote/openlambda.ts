import type { Parameters } from "../../contract/parameters.js";
import type { PolicySpec } from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import type { Training } from "../../contract/training.js";
import { textOf } from "../parameter-values.js";
import { fitTree } from "./fit-tree.js";
import { GrowingTree } from "./growing-tree.js";
import type { PackageTree } from "./package-tree.js";
import { firstFit, StaticTree } from "./static-tree.js";
import { futureKnownBy, TRAINING_PARAMETERS, trainingOf } from "./training.js";
import { readTree } from "./tree-file.js";

/** Size of the tree that ships with OpenLambda. */
const FITTED_NODES = 40;
const FITTED = "fitted";

export const openLambdaZygotes: PolicySpec<"zygote"> = {
  family: "zygote",
  name: "openlambda",
  summary: "Forks from a fixed Zygote tree, depth first into the first child that fits.",
  source: "open-lambda, go/worker/lambda/zygote/importCache.go (features.import_cache = tree)",
  departures: [
    "a node has its packages' dependencies as well, and fits only if the function has them too; OpenLambda compares the listed names only, and so imports dependencies the function never asked for",
    "an evicted Zygote is created again; OpenLambda falls back to a start without a Zygote",
    "one Zygote serves any number of forks at once; OpenLambda's forks hold a lock on it",
  ],
  needsPackages: true,
  parameters: {
    tree: {
      kind: "path",
      default: FITTED,
      description:
        "OpenLambda or Forklift tree file (JSON); `fitted`: a tree of the kind that OpenLambda ships, 40 nodes of one package each (Forklift's variant v0), fitted to the workload, as the shipped one is unversioned and matches no pinned requirement; in a worker, a node of a file counts when all of its packages are known",
    },
    ...TRAINING_PARAMETERS,
  },
  training: fittedBy,
  oracle(parameters) {
    const training = fittedBy(parameters);
    return training === null ? null : futureKnownBy(training);
  },
  create(parameters, context) {
    const { functions, catalogue } = context;
    const path = textOf(parameters, "tree");
    if (path !== FITTED) {
      const text = context.readText(path);
      return new GrowingTree(() => readTree(text, path, catalogue), functions, catalogue.packages);
    }
    const tree = fittedTree(context);
    return new StaticTree(tree, functions, firstFit(tree));
  },
};

function fittedBy(parameters: Parameters): Training | null {
  return textOf(parameters, "tree") === FITTED ? trainingOf(parameters) : null;
}

function fittedTree({ trained, catalogue }: PolicyContext): PackageTree {
  const weightOf = () => 1;
  return fitTree(trained, catalogue.packages, { nodes: FITTED_NODES, weightOf, multi: false });
}
