import { NONE } from "../../basics/none.js";
import type { PolicySpec, ZygotePlan } from "../../contract/policy.js";

const FROM_NOTHING: ZygotePlan = { forkFrom: NONE, create: null };

export const noZygotes: PolicySpec<"zygote"> = {
  family: "zygote",
  name: "none",
  summary: "Starts every container without a Zygote.",
  source: "OpenLambda with features.import_cache empty; every FaaS simulator with whole containers",
  departures: [],
  parameters: {},
  create: () => ({ startsWithRoot: false, choose: () => FROM_NOTHING }),
};
