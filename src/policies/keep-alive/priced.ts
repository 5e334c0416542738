import { BYTES_PER_GIB, US_PER_SECOND } from "../../basics/units.js";
import type { PolicySpec } from "../../contract/policy.js";
import { numberOf } from "../parameter-values.js";

export const pricedKeepAlive: PolicySpec<"keep-alive"> = {
  family: "keep-alive",
  name: "priced",
  summary: "Keeps an idle container until its memory has cost as much as making it again.",
  source:
    "the deterministic rule of ski rental: Karlin, Manasse, Rudolph and Sleator, Competitive snoopy caching, Algorithmica 3, 1988",
  departures: [
    "the cost of making it again is its time on an idle machine, captured when it falls idle",
    "bytes are those that its eviction would release when it falls idle",
  ],
  parameters: {
    price: {
      kind: "number",
      default: 0.01,
      unit: "seconds of startup per GiB and second",
      min: 1e-9,
      max: 1e9,
      description:
        "what idle memory costs: a container of b GiB that takes s seconds to make is kept for s / (price x b) seconds; twice the cost of the best choice at most",
    },
  },
  create(parameters) {
    const price = numberOf(parameters, "price");
    return {
      decide({ containers }, container, decision) {
        const gib = Math.max(containers.reclaimableBytes(container), 1) / BYTES_PER_GIB;
        const seconds = containers.remakeUsOf(container) / US_PER_SECOND / (price * gib);
        decision.keepUs = Math.ceil(seconds * US_PER_SECOND);
      },
    };
  },
};
