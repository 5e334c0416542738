import { NONE } from "../../basics/none.js";
import type { PackageSet } from "../../contract/package-set.js";
import type { ZygoteId, ZygotesView } from "../../contract/policy.js";

/** The first live Zygote without packages; NONE if there is none. */
export function findRoot(zygotes: ZygotesView): ZygoteId {
  for (const zygote of zygotes.live) if (zygotes.packagesOf(zygote).size === 0) return zygote;
  return NONE;
}

/**
 * SOCK's subset matcher: of the live Zygotes whose packages all belong to `closure`, the one with
 * most packages; of equals, the first created. NONE if there is none. A Zygote that is still being
 * created counts.
 */
export function findLargestSubset(zygotes: ZygotesView, closure: PackageSet): ZygoteId {
  let best = NONE;
  let bestSize = -1;
  for (const zygote of zygotes.live) {
    const packages = zygotes.packagesOf(zygote);
    if (packages.size > bestSize && packages.isSubsetOf(closure)) {
      best = zygote;
      bestSize = packages.size;
    }
  }
  return best;
}
