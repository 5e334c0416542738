import type { PackageId } from "../../contract/package-set.js";
import type { Catalogue } from "../../contract/workload.js";

/** A catalogue, and the requirement sets that functions draw from it. */
export interface PackageCatalogue extends Catalogue {
  /** Observed requirement sets; empty: sets are drawn from published distributions. */
  readonly requirementSets: readonly RequirementSet[];
}

/** Packages that one observed function needs. */
export interface RequirementSet {
  /** The packages that the function names itself. */
  readonly direct: readonly PackageId[];
  /**
   * All packages that the function needs; undefined: not recorded, so it follows from the
   * dependencies.
   */
  readonly closure: readonly PackageId[] | undefined;
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
}
