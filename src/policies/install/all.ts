import type { InstallPolicy, PolicySpec } from "../../contract/policy.js";
import { leastRecentlyUsed, mostPopular } from "./rank-packages.js";

export const installAll: PolicySpec<"install"> = {
  family: "install",
  name: "all",
  summary:
    "Every package of the catalogue is on disk before the run begins, as far as disk reaches.",
  source:
    "deployment packages and images that bundle dependencies; the usual assumption of FaaS simulators",
  departures: [
    "if disk is short, the most popular packages come first and the least recently used ones go",
  ],
  parameters: {},
  create: (): InstallPolicy => ({
    preinstalled: (view) => mostPopular(view, view.packages.length),
    budgetBytes: ({ installs }) => installs.diskLimitBytes,
    victim: leastRecentlyUsed,
    keepUnused: () => true,
  }),
};
