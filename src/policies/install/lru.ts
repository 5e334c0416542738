import type { InstallPolicy, PolicySpec } from "../../contract/policy.js";
import { numberOf } from "../parameter-values.js";
import { leastRecentlyUsed, mostPopular } from "./rank-packages.js";

export const lruInstalls: PolicySpec<"install"> = {
  family: "install",
  name: "lru",
  summary: "Installs on demand; if the disk is full, drops the package not needed for longest.",
  source: "SOCK's install cache (Oakes et al., USENIX ATC 2018), which is never full",
  departures: ["SOCK drops nothing; least recently used is the plain choice if disk is limited"],
  parameters: {
    preinstall: {
      kind: "number",
      default: 0,
      unit: "packages",
      min: 0,
      max: 1_000_000,
      description: "most popular packages on disk when the run begins (OpenLambda's Startup_pkgs)",
    },
  },
  create(parameters): InstallPolicy {
    const count = numberOf(parameters, "preinstall");
    return {
      preinstalled: (view) => mostPopular(view, count),
      budgetBytes: ({ installs }) => installs.diskLimitBytes,
      victim: leastRecentlyUsed,
      keepUnused: () => true,
    };
  },
};
