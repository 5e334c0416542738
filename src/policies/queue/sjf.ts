import type { PolicySpec, QueuePolicy } from "../../contract/policy.js";
import { numberOf } from "../parameter-values.js";
import { MeanRunTimes } from "./mean-run-times.js";

export const sjfQueue: PolicySpec<"queue"> = {
  family: "queue",
  name: "sjf",
  summary:
    "Starts the function with the shortest mean run time first; long ones may wait for long.",
  source:
    "Ilúvatar e47f1751 (worker queueing/minheap.rs): Fuerst, Rehman and Sharma, HPDC 2023; as SEPT on OpenWhisk: Żuk, Przybylski and Rzadca, CLUSTER 2022",
  departures: [
    "the mean is looked up when an invocation comes to the front of its function, not when it arrives",
  ],
  parameters: {
    window: {
      kind: "number",
      default: 10,
      unit: "runs",
      min: 1,
      max: 1e9,
      description:
        "runs over which a mean is taken, the newest with a weight of one in so many; SEPT on OpenWhisk takes the last 10",
    },
  },
  create(parameters, { functions }): QueuePolicy {
    const times = new MeanRunTimes(functions.length, numberOf(parameters, "window"));
    return {
      bypasses: false,
      onEnd: (view, container, runUs) => times.ended(view, container, runUs),
      key: (_, functionId) => times.meanUsOf(functionId),
    };
  },
};
