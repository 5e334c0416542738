import { NONE } from "../../basics/none.js";
import type { ParameterSpec } from "../../contract/parameters.js";
import type { View, ZygoteId } from "../../contract/policy.js";
import { importUsOf } from "../zygote/package-tree.js";

/** The parameter of policies that weigh what it costs to make a Zygote again. */
export const CREATION_PARAMETER: ParameterSpec = {
  kind: "duration",
  default: 20_000,
  description:
    "cost of a Zygote without parent, in addition to its imports; 20 ms for a new process, as in Forklift's estimator",
};

/** Microseconds to make the Zygote again: the imports that it adds, and a process if it has no parent. */
export function zygoteCostUs(
  { zygotes, packages }: View,
  zygote: ZygoteId,
  creationUs: number,
): number {
  const importUs = importUsOf(zygotes.addedPackagesOf(zygote), packages);
  return importUs + (zygotes.parentOf(zygote) === NONE ? creationUs : 0);
}
