import type { PolicySpec } from "../../contract/policy.js";
import { numberOf } from "../parameter-values.js";
import { GreedyDual } from "./greedy-dual.js";
import { CREATION_PARAMETER } from "./zygote-cost.js";

export const gdsfEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "gdsf",
  summary: "Evicts the lowest clock + frequency x cost / size: Greedy-Dual-Size-Frequency.",
  source: "Fuerst and Sharma, FaasCache, ASPLOS 2021; Cherkasova, HPL-98-69R1",
  departures: [
    "a function's frequency counts since the first of its live containers, as the paper says; the published simulator also lowers it when one of several dies",
    "cost is what making the container again would take now on an idle machine, captured when it falls idle; the paper measures cold minus warm run time once per function",
    "on the trace `demo` at 4 GiB this formula has more cold starts than LRU; other implementations of it do too, so that is the formula's doing",
    "Zygotes compete as well: frequency is their forks, cost the import time of what they add",
  ],
  parameters: {
    reserve: {
      kind: "bytes",
      default: 0,
      description:
        "memory kept free in the background; FaasCache's OpenWhisk version keeps 1000 MB",
    },
    creation: CREATION_PARAMETER,
  },
  create: (parameters, { functions }) =>
    new GreedyDual(
      {
        worth: (uses, costUs, bytes) => (uses * costUs) / bytes,
        ages: true,
        weighsBytes: true,
        tiesByAge: false,
        creationUs: numberOf(parameters, "creation"),
        reserveBytes: numberOf(parameters, "reserve"),
      },
      functions.length,
    ),
};
