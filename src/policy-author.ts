/**
 * `socklab/policy`: everything that the author of a policy needs. The default export of a policy
 * file is a `PolicySpec`; docs/guide/writing-a-policy.md shows one. Every export is a type or a
 * pure value.
 *
 * @packageDocumentation
 */

export { NONE } from "./basics/none.js";
export type { RandomStream } from "./basics/random.js";
export {
  BYTES_PER_GIB,
  BYTES_PER_MIB,
  US_PER_MINUTE,
  US_PER_MS,
  US_PER_SECOND,
} from "./basics/units.js";
export type { Act } from "./contract/act.js";
export type { Footprint } from "./contract/footprint.js";
export type { Future } from "./contract/future.js";
export type { InstallsView } from "./contract/installs-view.js";
export type { KeepAliveDecision } from "./contract/keep-alive-decision.js";
export type { MemoryView } from "./contract/memory-view.js";
export type { Outcome, StartKind } from "./contract/observer.js";
export { type PackageId, PackageSet } from "./contract/package-set.js";
export type { ParameterSpec, Parameters, ParameterValue } from "./contract/parameters.js";
export type {
  ContainerId,
  ContainersView,
  DispatchPolicy,
  EvictPolicy,
  Family,
  InstallPolicy,
  KeepAlivePolicy,
  PolicyFamilies,
  PolicyHooks,
  PolicySpec,
  QueuePolicy,
  Victim,
  View,
  ZygoteId,
  ZygotePlan,
  ZygotePolicy,
  ZygoteSpec,
  ZygotesView,
} from "./contract/policy.js";
export { FAMILIES } from "./contract/policy.js";
export type { PolicyContext } from "./contract/policy-context.js";
export type { SharedPolicySpec } from "./contract/shared-policy-spec.js";
export type { Catalogue, FunctionId, FunctionProfile, Package } from "./contract/workload.js";
