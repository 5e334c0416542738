import { NONE } from "../../basics/none.js";
import type { EvictPolicy, PolicySpec, Victim } from "../../contract/policy.js";
import { lowestZygote } from "./lowest-zygote.js";

export const lruEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "lru",
  summary: "Evicts the idle container or childless Zygote that was not used for longest.",
  source: "the handler cache of OpenLambda 2018 (worker/handler/handlerLru.go), over both caches",
  departures: [
    "Zygotes are ordered with the containers; SOCK's own import cache goes by benefit and cost",
  ],
  parameters: {},
  create: (): EvictPolicy => ({
    victim({ containers, zygotes }): Victim | null {
      const container = containers.oldestIdle();
      const idleSinceUs =
        container === NONE ? Number.POSITIVE_INFINITY : containers.lastUsedUs(container);
      const zygote = lowestZygote(zygotes, idleSinceUs, (id) => zygotes.lastUsedUs(id));
      if (zygote !== NONE) return { tier: "import", zygote };
      return container === NONE ? null : { tier: "handler", container };
    },
  }),
};
