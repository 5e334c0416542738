import { NONE } from "../../basics/none.js";
import type { EvictPolicy, PolicySpec, Victim } from "../../contract/policy.js";
import { lowestZygote } from "./lowest-zygote.js";

export const lruEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "lru",
  summary:
    "Evicts the idle container or Zygote without children or containers that was not used for longest.",
  source: "the handler cache of OpenLambda 2018 (worker/handler/handlerLru.go), over both caches",
  departures: [
    "Zygotes are ordered with the containers; SOCK's own import cache goes by benefit and cost",
    "a Zygote with live containers is passed over, as in OpenLambda: its eviction would release hardly anything, and it would be made again beside its shared pages",
  ],
  parameters: {},
  create: (): EvictPolicy => ({
    victim({ containers, zygotes }): Victim | null {
      const container = containers.oldestIdle();
      const idleSinceUs =
        container === NONE ? Number.POSITIVE_INFINITY : containers.lastUsedUs(container);
      const zygote = lowestZygote(zygotes, idleSinceUs, (id) =>
        zygotes.liveContainersOf(id) > 0 ? Number.POSITIVE_INFINITY : zygotes.lastUsedUs(id),
      );
      if (zygote !== NONE) return { tier: "import", zygote };
      return container === NONE ? null : { tier: "handler", container };
    },
  }),
};
