import type { Lookups } from "../../contract/observer.js";
import { ratioOf } from "../fields.js";
import type { ImportTierResult, TierResult } from "../result.js";

/** Sums what the lookups of provisionings found, for the import and the install tier. */
export class LookupCounter {
  #importHits = 0;
  #importMisses = 0;
  #packagesNeeded = 0;
  #packagesFound = 0;
  #importNeededUs = 0;
  #importSavedUs = 0;
  #installHits = 0;
  #installMisses = 0;

  add(lookups: Lookups): void {
    this.#installHits += lookups.installHits;
    this.#installMisses += lookups.installMisses;
    if (lookups.packagesNeeded === 0) return;
    if (lookups.importHit) this.#importHits++;
    else this.#importMisses++;
    this.#packagesNeeded += lookups.packagesNeeded;
    this.#packagesFound += lookups.packagesFound;
    this.#importNeededUs += lookups.importNeededUs;
    this.#importSavedUs += lookups.importSavedUs;
  }

  get import(): Lookup<ImportTierResult> {
    return {
      ...lookupsOf(this.#importHits, this.#importMisses),
      packagesNeeded: this.#packagesNeeded,
      packagesFound: this.#packagesFound,
      packageHitRatio: ratioOf(this.#packagesFound, this.#packagesNeeded),
      importNeededUs: this.#importNeededUs,
      importSavedUs: this.#importSavedUs,
    };
  }

  get install(): Lookup<TierResult> {
    return lookupsOf(this.#installHits, this.#installMisses);
  }
}

/** The part of a tier's result that its lookups make up; the rest are its entries. */
type Lookup<T extends TierResult> = Omit<
  T,
  "insertions" | "evictions" | "expirations" | "bytesPeak" | "bytesMean"
>;

export function lookupsOf(hits: number, misses: number): Lookup<TierResult> {
  return { hits, misses, hitRatio: ratioOf(hits, hits + misses) };
}
