import { RandomStreams } from "../../src/basics/random.js";
import type { Future } from "../../src/contract/future.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { Family, PolicyFamilies } from "../../src/contract/policy.js";
import type { FunctionProfile } from "../../src/contract/workload.js";
import { parseChoice } from "../../src/policies/parse.js";
import { BUILT_IN_POLICIES, findSpec } from "../../src/policies/registry.js";
import { footprintOf } from "../../src/sim/costs/costs.js";
import { makeFunction, ROUND_COSTS, SECOND, tell } from "../engine/harness.js";
import { COST } from "./greedy-dual.js";
import type { Request } from "./workloads.js";

/** One creation takes a second, so that every function costs the same. All else takes no time. */
const EQUAL_COSTS = {
  ...ROUND_COSTS,
  costs: { ...ROUND_COSTS.costs, freshCreate: { ...ROUND_COSTS.costs.freshCreate, value: COST } },
};
/** Between two arrivals: longer than a creation, so that a function never needs a second container. */
const GAP_US = 10 * SECOND;

/** A built-in policy from its text as on the command line. */
export function makeBuiltIn<F extends Family>(
  family: F,
  text: string,
  functions: readonly FunctionProfile[],
  memoryLimitBytes: number,
  future: Future | null = null,
): PolicyFamilies[F] {
  const { name, parameters } = parseChoice(family, text, BUILT_IN_POLICIES, "test");
  return findSpec(family, name, BUILT_IN_POLICIES, "test").create(parameters, {
    functions,
    catalogue: { source: "test", packages: [] },
    memoryLimitBytes,
    diskLimitBytes: Number.POSITIVE_INFINITY,
    cores: 4,
    trained: functions,
    future,
    footprint: footprintOf(ROUND_COSTS),
    random: new RandomStreams(1).get(`policy/${family}`),
    packageSet: (ids) => new PackageSet(ids),
    readText: () => "",
  });
}

/**
 * Requests as invocations of no duration, each of the function with the object's number, whose
 * containers have the object's size. Returns "1" for a warm start, "0" for a cold or a rejected one.
 */
export async function replayInEngine(
  policy: string,
  requests: readonly Request[],
  capacityBytes: number,
): Promise<string> {
  const numberOf = new Map<number, number>();
  for (const [object] of requests) if (!numberOf.has(object)) numberOf.set(object, numberOf.size);
  const bytes = new Map(requests);
  const functions = [...numberOf.keys()].map((object) =>
    makeFunction({ name: `f${object}`, memoryBytes: bytes.get(object)! }),
  );
  const told = await tell({
    functions,
    arrivals: requests.map(([object], at) => [at * GAP_US, numberOf.get(object)!, 0]),
    policies: { evict: makeBuiltIn("evict", policy, functions, capacityBytes) },
    config: { memoryLimitBytes: capacityBytes },
    costs: EQUAL_COSTS,
  });
  return told.recording.ended_.map(({ start }) => (start === "warm" ? "1" : "0")).join("");
}
