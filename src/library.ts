/**
 * `socklab`: the simulator for programs. `simulate` runs a workload under policies and returns the
 * result object of docs/reference/result.md; `readWorkload` reads traces, and `readResults` reads
 * what runs and sweeps have written. To write your own policy, import the types of
 * `socklab/policy`.
 *
 * @packageDocumentation
 */

export { InputError, MachineError } from "./basics/errors.js";
export { type PackageId, PackageSet } from "./contract/package-set.js";
export type {
  ArrivalBatch,
  ArrivalSource,
  Catalogue,
  FunctionId,
  FunctionProfile,
  Package,
  Workload,
} from "./contract/workload.js";
export {
  type GivenPolicy,
  type GivenPreset,
  readResults,
  readWorkload,
  type SimulationOptions,
  simulate,
  type WorkloadOptions,
} from "./lab/run/program-run.js";
export type { Quantiles, Result, TierResult } from "./results/result.js";
export type { RunDescription } from "./results/run-schema.js";
export type { Placement, RunTimeMode } from "./trace/trace.js";
