import type { DispatchPolicy, PolicySpec } from "../../contract/policy.js";

export const mruDispatch: PolicySpec<"dispatch"> = {
  family: "dispatch",
  name: "mru",
  summary: "Serves from the container that fell idle last, so that surplus ones expire.",
  source:
    "the newest-first reuse observed on AWS Lambda and modelled by SimFaaS (Mahmoudi and Khazaei, 2021)",
  departures: [],
  parameters: {},
  create: (): DispatchPolicy => ({
    pick: ({ containers }, functionId) => containers.newestIdleOf(functionId),
    waitForBusyUs: () => 0,
  }),
};
