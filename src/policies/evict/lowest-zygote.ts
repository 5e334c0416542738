import { NONE } from "../../basics/none.js";
import type { ContainerId, Victim, View, ZygoteId, ZygotesView } from "../../contract/policy.js";

/** True for a Zygote that is ready, has no child Zygotes, and on which no start depends. */
export function mayGo(zygotes: ZygotesView, zygote: ZygoteId): boolean {
  return (
    zygotes.isReady(zygote) && zygotes.childZygotesOf(zygote) === 0 && !zygotes.isPinned(zygote)
  );
}

/**
 * The Zygote with the lowest score below `limit` among those that may be evicted. Of equals, the
 * first created. NONE if there is none.
 */
export function lowestZygote(
  zygotes: ZygotesView,
  limit: number,
  scoreOf: (zygote: ZygoteId) => number,
): ZygoteId {
  let lowest = NONE;
  let lowestScore = limit;
  for (const zygote of zygotes.live) {
    if (!mayGo(zygotes, zygote)) continue;
    const score = scoreOf(zygote);
    if (score >= lowestScore) continue;
    lowest = zygote;
    lowestScore = score;
  }
  return lowest;
}

/** As `lowestZygote`, of those without live containers: the others would release hardly anything. */
export function lowestLooseZygote(
  zygotes: ZygotesView,
  limit: number,
  scoreOf: (zygote: ZygoteId) => number,
): ZygoteId {
  return lowestZygote(zygotes, limit, (id) =>
    zygotes.liveContainersOf(id) > 0 ? Number.POSITIVE_INFINITY : scoreOf(id),
  );
}

/** The victim: this Zygote; if it is NONE, this container; if both are, null. */
export function victimOf(zygote: ZygoteId, container: ContainerId): Victim | null {
  if (zygote !== NONE) return { tier: "import", zygote };
  return container === NONE ? null : { tier: "handler", container };
}

/** What `olderOf` does, as a departure of the policies that use it. */
export const OLDER_ZYGOTE_GOES =
  "a Zygote without live containers goes first if it was last used before the chosen container fell idle";

/**
 * The Zygote without live containers that was not used for longest, if that is longer than this
 * container has been idle; otherwise the container. Policies that rank containers by their place in
 * a queue use it, because a Zygote has no place there.
 */
export function olderOf({ containers, zygotes }: View, container: ContainerId): Victim | null {
  const idleSinceUs =
    container === NONE ? Number.POSITIVE_INFINITY : containers.lastUsedUs(container);
  return victimOf(
    lowestLooseZygote(zygotes, idleSinceUs, (id) => zygotes.lastUsedUs(id)),
    container,
  );
}
