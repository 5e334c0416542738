// An example of an evict policy: run it with `socklab run <trace> --policy
// docs/examples/largest-first.ts`.
import type { EvictPolicy, PolicySpec, View } from "socklab/policy";

const largestFirst: PolicySpec<"evict"> = {
  family: "evict",
  name: "largest-first",
  summary: "Evicts the largest of the containers that have been idle longest.",
  source: "this page",
  departures: [],
  parameters: {
    candidates: {
      kind: "number",
      default: 10,
      unit: "containers",
      min: 1,
      max: 1000,
      description: "how many of the longest idle containers are compared",
    },
  },
  create: ({ candidates }): EvictPolicy => ({
    victim(view: View) {
      const { containers } = view;
      let largest = containers.oldestIdle();
      if (largest === -1) return null; // nothing is idle: the start waits
      let next = containers.nextIdle(largest);
      for (let seen = 1; seen < Number(candidates) && next !== -1; seen++) {
        if (containers.reclaimableBytes(next) > containers.reclaimableBytes(largest))
          largest = next;
        next = containers.nextIdle(next);
      }
      return { tier: "handler", container: largest };
    },
  }),
};

export default largestFirst;
