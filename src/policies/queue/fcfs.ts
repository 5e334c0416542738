import type { PolicySpec, QueuePolicy } from "../../contract/policy.js";

export const fcfsQueue: PolicySpec<"queue"> = {
  family: "queue",
  name: "fcfs",
  summary: "Starts in order of arrival; if the first one cannot start, all wait.",
  source: "OpenLambda's pool of memory (worker/sandbox/memPool.go), which serves requests in order",
  departures: [],
  parameters: {},
  create: (): QueuePolicy => ({ bypasses: false, key: (_, __, arrivedAtUs) => arrivedAtUs }),
};
