import { NONE } from "../../basics/none.js";
import type { ZygoteId, ZygotesView } from "../../contract/policy.js";

/**
 * The Zygote with the lowest score below `limit` among those that may be evicted: ready ones
 * without child Zygotes on which no start depends. Of equals, the first created. NONE if there is
 * none.
 */
export function lowestZygote(
  zygotes: ZygotesView,
  limit: number,
  scoreOf: (zygote: ZygoteId) => number,
): ZygoteId {
  let lowest = NONE;
  let lowestScore = limit;
  for (const zygote of zygotes.live) {
    if (!zygotes.isReady(zygote) || zygotes.childZygotesOf(zygote) > 0) continue;
    if (zygotes.isPinned(zygote)) continue;
    const score = scoreOf(zygote);
    if (score >= lowestScore) continue;
    lowest = zygote;
    lowestScore = score;
  }
  return lowest;
}
