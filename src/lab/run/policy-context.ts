import { readFileSync } from "node:fs";
import { InputError } from "../../basics/errors.js";
import { RandomStreams } from "../../basics/random.js";
import type { EngineConfig } from "../../contract/config.js";
import type { Policies } from "../../contract/policy.js";
import type { Catalogue, FunctionProfile } from "../../contract/workload.js";
import { type FunctionArrivals, KnownFuture } from "../../policies/known-future.js";
import { makePolicies, type SharedContext } from "../../policies/registry.js";
import type { LoadedPolicies } from "./load-policy.js";
import type { TrainedByFamily } from "./train-policies.js";

/** What policies may know before the run begins. */
export interface KnownAhead {
  readonly trained?: TrainedByFamily | undefined;
  /** By function. */
  readonly future?: readonly FunctionArrivals[] | undefined;
}

/** Everything that the policies of a run, or of its replay, may read. */
export function policyContext(
  config: EngineConfig,
  workload: { readonly functions: readonly FunctionProfile[]; readonly catalogue: Catalogue },
  { trained, future }: KnownAhead = {},
): SharedContext {
  return {
    functions: workload.functions,
    catalogue: workload.catalogue,
    memoryLimitBytes: config.memoryLimitBytes,
    diskLimitBytes: config.diskLimitBytes,
    cores: config.cores,
    footprint: config.footprint,
    trainedByFamily: trained,
    future: future && new KnownFuture(future),
    readText,
  };
}

/**
 * Makes policies for a worker, whose functions and packages are registered while the policies run.
 * Errors: those of `makePolicies`.
 */
export function policyMaker(
  { choices, specs }: Pick<LoadedPolicies, "choices" | "specs">,
  config: EngineConfig,
  seed: number,
) {
  return (functions: readonly FunctionProfile[], catalogue: Catalogue): Policies =>
    makePolicies(
      choices,
      specs,
      policyContext(config, { functions, catalogue }),
      new RandomStreams(seed),
    );
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new InputError(`${path}: cannot be read (${reason}), expected a policy's text file`);
  }
}
