import type { EvictPolicy, PolicySpec, Victim } from "../../contract/policy.js";
import { olderOf } from "./lowest-zygote.js";

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
    victim: (view): Victim | null => olderOf(view, view.containers.oldestIdle()),
  }),
};
