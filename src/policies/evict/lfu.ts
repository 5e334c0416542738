import type { PolicySpec } from "../../contract/policy.js";
import { flagOf } from "../parameter-values.js";
import { GreedyDual } from "./greedy-dual.js";

export const lfuEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "lfu",
  summary: "Evicts the idle container or childless Zygote with the fewest uses, or LFU with aging.",
  source:
    "least frequently used; with aging LFU-DA of Arlitt et al., Evaluating Content Management Techniques for Web Proxy Caches, 2000",
  departures: [
    "the uses of a container are all invocations of its function since the first of its live containers; those of a Zygote are its forks",
    "Zygotes with live containers are passed over",
    "of equals the container that has been idle for longest goes; the paper does not say",
  ],
  parameters: {
    aging: {
      kind: "boolean",
      default: false,
      description:
        "adds the priority of the last victim to what is used afterwards, so that old uses lose their weight",
    },
  },
  create: (parameters, { functions }) =>
    new GreedyDual(
      {
        worth: (uses) => uses,
        ages: flagOf(parameters, "aging"),
        weighsBytes: false,
        tiesByAge: true,
        creationUs: 0,
        reserveBytes: 0,
      },
      functions.length,
    ),
};
