import type { BenchContext } from "../bench.js";
import type { InstalledPackages } from "../installed-packages.js";
import type { ImportSet } from "../package-sets.js";

/** What a part of the bench works on. */
export interface ProvisionSetup {
  readonly installed: InstalledPackages;
  /** The first needs nothing, the last the most. */
  readonly sets: readonly ImportSet[];
  /** Samples of a fast case. */
  readonly samples: number;
  readonly context: BenchContext;
}
