import type { PolicySpec, QueuePolicy } from "../../contract/policy.js";
import { numberOf } from "../parameter-values.js";
import { MeanRunTimes } from "./mean-run-times.js";

export const edfQueue: PolicySpec<"queue"> = {
  family: "queue",
  name: "edf",
  summary:
    "Starts the earliest deadline first, which is the arrival plus the function's mean run time.",
  source:
    "Ilúvatar e47f1751 (worker queueing/minheap_ed.rs): Fuerst, Rehman and Sharma, HPDC 2023; as EECT on OpenWhisk: Żuk, Przybylski and Rzadca, CLUSTER 2022",
  departures: [
    "the mean is looked up when an invocation comes to the front of its function, not when it arrives",
  ],
  parameters: {
    stretch: {
      kind: "number",
      default: 1,
      unit: "mean run times",
      min: 0,
      max: 1e6,
      description: "time until the deadline; the more, the longer a short function may overtake",
    },
    window: {
      kind: "number",
      default: 10,
      unit: "runs",
      min: 1,
      max: 1e9,
      description: "runs over which a mean is taken, the newest with a weight of one in so many",
    },
  },
  create(parameters, { functions }): QueuePolicy {
    const stretch = numberOf(parameters, "stretch");
    const times = new MeanRunTimes(functions.length, numberOf(parameters, "window"));
    return {
      bypasses: false,
      onEnd: (view, container, runUs) => times.ended(view, container, runUs),
      key: (_, functionId, arrivedAtUs) => arrivedAtUs + stretch * times.meanUsOf(functionId),
    };
  },
};
