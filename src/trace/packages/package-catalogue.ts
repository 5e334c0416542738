import type { PackageId } from "../../contract/package-set.js";
import type { Catalogue } from "../../contract/workload.js";

/** A catalogue with what functions draw from it. */
export interface PackageCatalogue extends Catalogue {
  /** Observed requirement sets; empty: sets are drawn from published distributions. */
  readonly requirementSets: readonly RequirementSet[];
}

/** Packages that one function was seen to need. */
export interface RequirementSet {
  /** What it names itself. */
  readonly direct: readonly PackageId[];
  /** All it needs, where that was recorded; otherwise it follows from the dependencies. */
  readonly closure: readonly PackageId[] | undefined;
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
}
