import type { PolicySpec, QueuePolicy } from "../../contract/policy.js";

export const bypassQueue: PolicySpec<"queue"> = {
  family: "queue",
  name: "bypass",
  summary: "Starts the first one that fits, in order of arrival; large ones may wait for long.",
  source:
    "first-fit backfilling without reservations: Feitelson and Weil, IPPS 1998; Mu'alem and Feitelson, IEEE TPDS 12 (6), 2001",
  departures: ["no reservation is made for the first in the queue, since run times are not known"],
  parameters: {},
  create: (): QueuePolicy => ({ bypasses: true, key: (_, __, arrivedAtUs) => arrivedAtUs }),
};
