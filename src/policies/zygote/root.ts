import { NONE } from "../../basics/none.js";
import { PackageSet } from "../../contract/package-set.js";
import type { PolicySpec, ZygotePlan, ZygotePolicy } from "../../contract/policy.js";
import { findRoot } from "./match.js";

const MAKE_ROOT: ZygotePlan = {
  forkFrom: NONE,
  create: { parent: NONE, packages: PackageSet.EMPTY },
};

export const rootZygote: PolicySpec<"zygote"> = {
  family: "zygote",
  name: "root",
  summary: "Forks every container from one Zygote that has imported nothing.",
  source: "Oakes et al., USENIX ATC 2018, section 4 (SOCK with Zygotes, without an import cache)",
  departures: ["a root Zygote that was evicted is created again by the next start"],
  parameters: {},
  create: chooseRoot,
};

function chooseRoot(): ZygotePolicy {
  let plan = MAKE_ROOT;
  let version = -1;
  return {
    startsWithRoot: true,
    choose(view) {
      if (version !== view.zygotes.version) {
        version = view.zygotes.version;
        const root = findRoot(view.zygotes);
        plan = root === NONE ? MAKE_ROOT : { forkFrom: root, create: null };
      }
      return plan;
    },
  };
}
