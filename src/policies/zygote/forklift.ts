import type { PolicySpec } from "../../contract/policy.js";
import { flagOf, numberOf, textOf } from "../parameter-values.js";
import { fitTree } from "./fit-tree.js";
import { importUsOf } from "./package-tree.js";
import { bestFit, firstFit, StaticTree } from "./static-tree.js";
import { futureKnownBy, TRAINING_PARAMETERS, trainingOf } from "./training.js";

export const forkliftZygotes: PolicySpec<"zygote"> = {
  family: "zygote",
  name: "forklift",
  summary: "Forks from a Zygote tree fitted to the workload, as OpenLambda does from its tree.",
  source:
    "Yang, Choi, Chen and Caraza-Harter, WoSC 2024; open-lambda/forklift 7bfc0d23, tree_constructor/bench.py",
  departures: [
    "fitted to the functions of a time (`train`), weighed by their invocations (`weigh`); the paper splits functions into a training and a test half, each called once",
    "Zygotes are created on first use; the paper warms up all of them",
    "a package has the one dependency set of the catalogue; Forklift tries each set it saw",
    "the entropy penalty and the spreading of weights over dependencies, unused in the paper's four variants, are left out",
  ],
  needsPackages: true,
  parameters: {
    nodes: {
      kind: "number",
      default: 40,
      unit: "Zygotes, the root included",
      min: 1,
      max: 1000,
      description: "size of the tree",
    },
    weights: {
      kind: "choice",
      default: "import",
      choices: ["import", "uniform"],
      description: "saving counted for a package: its import time, or an equal amount for all",
    },
    ...TRAINING_PARAMETERS,
    multi: {
      kind: "boolean",
      default: true,
      description: "a node adds a package with its dependencies; false: one package per node",
    },
    lookup: {
      kind: "choice",
      default: "first",
      choices: ["first", "best"],
      description:
        "`first`: depth first into the first child that fits, as OpenLambda, with which the paper measured; `best`: the node that saves most import time",
    },
  },
  training: trainingOf,
  oracle: (parameters) => futureKnownBy(trainingOf(parameters)),
  create(parameters, { functions, trained, catalogue }) {
    const { packages } = catalogue;
    const byImport = textOf(parameters, "weights") === "import";
    const tree = fitTree(trained, packages, {
      nodes: numberOf(parameters, "nodes"),
      weightOf: (id) => (byImport ? packages[id].importUs : 1),
      multi: flagOf(parameters, "multi"),
    });
    const nodeFor =
      textOf(parameters, "lookup") === "first"
        ? firstFit(tree)
        : bestFit(tree, (set) => importUsOf(set, packages));
    return new StaticTree(tree, functions, nodeFor);
  },
};
