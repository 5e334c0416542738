import { NONE } from "../../basics/none.js";
import type { InstallsView } from "../../contract/installs-view.js";
import type { PackageId } from "../../contract/package-set.js";
import type { View } from "../../contract/policy.js";

/**
 * The installed, unused package with the lowest score; of equals, the lowest id. NONE without any.
 */
export function lowestUnused(
  installs: InstallsView,
  scoreOf: (id: PackageId) => number,
): PackageId {
  let lowest = NONE;
  let lowestScore = Number.POSITIVE_INFINITY;
  for (const id of installs.installed) {
    if (installs.isPinned(id)) continue;
    const score = scoreOf(id);
    if (score > lowestScore || (score === lowestScore && id > lowest)) continue;
    lowest = id;
    lowestScore = score;
  }
  return lowest;
}

/** The unused package that no provisioning needed for longest. */
export function leastRecentlyUsed({ installs }: View): PackageId {
  return lowestUnused(installs, (id) => installs.lastUsedUs(id));
}

/** The `count` packages that functions name most often; of equals, the lowest id first. */
export function mostPopular({ packages }: View, count: number): readonly PackageId[] {
  const ids = packages.map((_, id) => id);
  ids.sort((a, b) => packages[b].popularity - packages[a].popularity || a - b);
  return ids.slice(0, count);
}
