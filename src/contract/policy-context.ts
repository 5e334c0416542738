import type { RandomStream } from "../basics/random.js";
import type { Footprint } from "./footprint.js";
import type { Future } from "./future.js";
import type { PackageId, PackageSet } from "./package-set.js";
import type { TrainedFunction } from "./training.js";
import type { Catalogue, FunctionProfile } from "./workload.js";

/** What a policy may know when it is made. */
export interface PolicyContext {
  readonly functions: readonly FunctionProfile[];
  readonly catalogue: Catalogue;
  readonly memoryLimitBytes: number;
  readonly diskLimitBytes: number;
  readonly cores: number;
  readonly footprint: Footprint;
  /** The functions to which the policy is fitted; empty unless its spec has `training`. */
  readonly trained: readonly TrainedFunction[];
  /** The arrivals of the run; null unless its spec has `needsFuture`. */
  readonly future: Future | null;
  /** The policy's own random stream. */
  readonly random: RandomStream;
  /** A set of packages, as a plan of a `zygote` policy needs it. */
  packageSet(ids: Iterable<PackageId>): PackageSet;
  /** Reads a text file that a `path` parameter names. Errors: InputError. */
  readText(path: string): string;
}
