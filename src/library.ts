/**
 * `socklab`: the simulator for programs. `simulate` runs a workload under policies and returns the
 * result object of docs/reference/result.md; `readWorkload` reads traces, `readResults` what runs and sweeps
 * have written. Policies of your own need the types of `socklab/policy`.
 *
 * @packageDocumentation
 */
export {
  type GivenPolicy,
  type GivenPreset,
  readResults,
  readWorkload,
  type SimulationOptions,
  simulate,
  type WorkloadOptions,
} from "./cli/program-run.js";
export { InputError, MachineError } from "./engine/errors.js";
export { type PackageId, PackageSet } from "./engine/package-set.js";
export type {
  ArrivalBatch,
  ArrivalSource,
  Catalogue,
  FunctionId,
  FunctionProfile,
  Package,
  Workload,
} from "./engine/workload.js";
export type { Quantiles, Result, RunDescription, TierResult } from "./results/result.js";
export type { Placement, RunTimeMode } from "./trace/trace.js";
