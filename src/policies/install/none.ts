import type { InstallPolicy, PolicySpec } from "../../contract/policy.js";
import { leastRecentlyUsed } from "./rank-packages.js";

export const installNone: PolicySpec<"install"> = {
  family: "install",
  name: "none",
  summary: "Keeps a package no longer than a container or Zygote uses it.",
  source: "the lower bound: every cold start installs what no other live container has",
  departures: [],
  parameters: {},
  create: (): InstallPolicy => ({
    preinstalled: () => [],
    budgetBytes: ({ installs }) => installs.diskLimitBytes,
    victim: leastRecentlyUsed,
    keepUnused: () => false,
  }),
};
