import type { DispatchPolicy, PolicySpec } from "../../contract/policy.js";

export const lruDispatch: PolicySpec<"dispatch"> = {
  family: "dispatch",
  name: "lru",
  summary: "Serves from the container that is idle for longest, so that all stay warm.",
  source: "LCS: least recently used warm container selection (Sethi et al., ICDCN 2023)",
  departures: [],
  parameters: {},
  create: (): DispatchPolicy => ({
    pick: ({ containers }, functionId) => containers.oldestIdleOf(functionId),
    waitForBusyUs: () => 0,
  }),
};
