import type { PolicySpec } from "../../contract/policy.js";
import { numberOf, textOf } from "../parameter-values.js";
import { GreedyDual } from "./greedy-dual.js";
import { CREATION_PARAMETER } from "./zygote-cost.js";

export const landlordEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "landlord",
  summary: "Charges all idle containers rent per byte; evicts the first whose credit is used up.",
  source: "Young, On-Line File Caching, Algorithmica 33 (2002)",
  departures: [
    "a use renews the credit to the full cost; the paper allows any value up to it",
    "rent is one rising clock: credit / size + clock at the last use is compared, so that no credit is ever lowered; the order of victims is that of the paper",
    "the rent that busy containers owe is charged when they are idle again, because they may not go",
    "cost is what making the container again would take now on an idle machine, captured when it falls idle; that of a Zygote is the import time of what it adds",
  ],
  parameters: {
    cost: {
      kind: "choice",
      default: "provision",
      choices: ["provision", "one"],
      description: "`one`: each start costs the same, so that only size and age count (GDS(1))",
    },
    creation: CREATION_PARAMETER,
  },
  create: (parameters, { functions }) => {
    const isOne = textOf(parameters, "cost") === "one";
    return new GreedyDual(
      {
        worth: (_, costUs, bytes) => (isOne ? 1 : costUs) / bytes,
        ages: true,
        weighsBytes: true,
        tiesByAge: true,
        creationUs: numberOf(parameters, "creation"),
        reserveBytes: 0,
      },
      functions.length,
    );
  },
};
