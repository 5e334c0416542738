import type { BenchContext } from "../bench.js";
import type { InstalledPackages } from "../installed-packages.js";
import type { ImportSet } from "../package-sets.js";

/** What each part of the bench needs. */
export interface ProvisionSetup {
  readonly installed: InstalledPackages;
  /** The first needs no package, the last needs the most. */
  readonly sets: readonly ImportSet[];
  /** Samples of a fast case. */
  readonly samples: number;
  readonly context: BenchContext;
}
