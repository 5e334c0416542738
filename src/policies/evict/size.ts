import type { PolicySpec } from "../../contract/policy.js";
import { numberOf } from "../parameter-values.js";
import { GreedyDual } from "./greedy-dual.js";
import { CREATION_PARAMETER } from "./zygote-cost.js";

const ZYGOTES = "Zygotes compete as well; their frequency is the number of their forks";
const FREQUENCY =
  "a function's frequency counts since the first of its live containers; the published simulator also lowers it when one of several dies";

/** SIZE of Web caching: no clock and no frequency. */
export const largestFirst: PolicySpec<"evict"> = {
  family: "evict",
  name: "size-desc",
  summary: "Evicts the largest idle container or childless Zygote.",
  source: "SIZE of Williams et al., Removal Policies in Network Caches, SIGCOMM 1996",
  departures: [
    "size is what eviction releases now",
    "Zygotes compete as well",
    "of equals the container that has been idle for longest goes",
  ],
  parameters: {},
  create: (_, { functions }) =>
    new GreedyDual(
      {
        worth: (_uses, _costUs, bytes) => -bytes,
        ages: false,
        weighsBytes: true,
        tiesByAge: true,
        creationUs: 0,
        reserveBytes: 0,
      },
      functions.length,
    ),
};

/** What the simulator of FaasCache calls SIZE. */
export const frequencyOverSize: PolicySpec<"evict"> = {
  family: "evict",
  name: "freq-over-size",
  summary: "Evicts the lowest clock + frequency / size.",
  source: "SIZE of faascache-sim, Fuerst and Sharma, ASPLOS 2021",
  departures: [FREQUENCY, ZYGOTES],
  parameters: {},
  create: (_, { functions }) =>
    new GreedyDual(
      {
        worth: (uses, _costUs, bytes) => uses / bytes,
        ages: true,
        weighsBytes: true,
        tiesByAge: true,
        creationUs: 0,
        reserveBytes: 0,
      },
      functions.length,
    ),
};

/** What the simulator of FaasCache calls FREQ. */
export const frequencyTimesCost: PolicySpec<"evict"> = {
  family: "evict",
  name: "freq-times-cost",
  summary: "Evicts the lowest clock + frequency x cost.",
  source: "FREQ of faascache-sim, Fuerst and Sharma, ASPLOS 2021",
  departures: [
    FREQUENCY,
    "cost is what making the container again would take now on an idle machine, captured when it falls idle, instead of cold minus warm run time",
    ZYGOTES,
    "Zygotes with live containers are passed over",
  ],
  parameters: { creation: CREATION_PARAMETER },
  create: (parameters, { functions }) =>
    new GreedyDual(
      {
        worth: (uses, costUs) => uses * costUs,
        ages: true,
        weighsBytes: false,
        tiesByAge: true,
        creationUs: numberOf(parameters, "creation"),
        reserveBytes: 0,
      },
      functions.length,
    ),
};
