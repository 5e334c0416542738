import type { RandomStream } from "../../basics/random.js";
import { type PackageId, PackageSet } from "../../contract/package-set.js";
import type { Catalogue } from "../../contract/workload.js";
import { AliasTable, drawDiscretisedLogNormal } from "../distributions/distributions.js";
import { DIRECT_COUNT } from "../distributions/fits.js";
import type { PackageCatalogue } from "./package-catalogue.js";

const ATTEMPTS_A_PACKAGE = 64;

/** Packages of one function. */
export interface Requirements {
  readonly direct: PackageSet;
  readonly closure: PackageSet;
}

export const NO_REQUIREMENTS: Requirements = {
  direct: PackageSet.EMPTY,
  closure: PackageSet.EMPTY,
};

/**
 * `direct` and all that it depends on, with one version per name. Packages are taken level by
 * level: first `direct` in its order, then the dependencies of these in catalogue order, and so on.
 * If two versions of a name meet, the one taken first stays and serves all packages that depend on
 * the name. Cycles are allowed.
 */
export function closeOverDependencies(
  { packages }: Catalogue,
  direct: Iterable<PackageId>,
): PackageSet {
  const taken: PackageId[] = [];
  const names = new Set<string>();
  const take = (id: PackageId): void => {
    if (names.has(packages[id].name)) return;
    names.add(packages[id].name);
    taken.push(id);
  };
  for (const id of direct) take(id);
  for (let at = 0; at < taken.length; at++) packages[taken[at]].dependencies.forEach(take);
  return new PackageSet(taken);
}

/** How many packages a function names: a rounded lognormal of at least 1. */
export interface DirectCount {
  readonly mu: number;
  readonly sigma: number;
}

/**
 * Draws requirements: an observed set if the catalogue has any. Otherwise as many packages as
 * `count` says, in proportion to popularity, with one version per name, and all that they depend
 * on.
 */
export class RequirementDraw {
  readonly #catalogue: PackageCatalogue;
  readonly #count: DirectCount;
  readonly #sets: AliasTable | undefined;
  readonly #packages: AliasTable;
  readonly #names: number;

  constructor(catalogue: PackageCatalogue, count: DirectCount = DIRECT_COUNT) {
    const { packages, requirementSets } = catalogue;
    const popular = packages.filter(({ popularity }) => popularity > 0);
    const drawn = popular.length > 0 ? popular : packages;
    this.#catalogue = catalogue;
    this.#count = count;
    this.#sets =
      requirementSets.length > 0
        ? new AliasTable(requirementSets.map(({ weight }) => weight))
        : undefined;
    this.#packages = new AliasTable(
      packages.map(({ popularity }) => (popular.length > 0 ? popularity : 1)),
    );
    this.#names = new Set(drawn.map(({ name }) => name)).size;
  }

  draw(random: RandomStream): Requirements {
    if (this.#sets === undefined) {
      const direct = this.#drawDirect(random);
      return { direct, closure: closeOverDependencies(this.#catalogue, direct.ids) };
    }
    const { direct, closure } = this.#catalogue.requirementSets[this.#sets.draw(random)];
    return {
      direct: new PackageSet(direct),
      closure:
        closure === undefined
          ? closeOverDependencies(this.#catalogue, direct)
          : new PackageSet(closure),
    };
  }

  /** The set is smaller than the drawn count if a small catalogue runs out of likely names. */
  #drawDirect(random: RandomStream): PackageSet {
    const { mu, sigma } = this.#count;
    const count = Math.min(drawDiscretisedLogNormal(random, mu, sigma), this.#names);
    const byName = new Map<string, PackageId>();
    for (let left = count * ATTEMPTS_A_PACKAGE; left > 0 && byName.size < count; left--) {
      const id = this.#packages.draw(random);
      const { name } = this.#catalogue.packages[id];
      if (!byName.has(name)) byName.set(name, id);
    }
    return new PackageSet(byName.values());
  }
}
