import { assert } from "../../basics/errors.js";
import { NONE } from "../../basics/none.js";
import type { Future } from "../../contract/future.js";
import type { ContainerId, EvictPolicy, PolicySpec, View } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";
import { OLDER_ZYGOTE_GOES, olderOf } from "./lowest-zygote.js";

const SHARED = {
  family: "evict",
  needsFuture: true,
  parameters: {},
} as const;

const DEPARTURES = [
  "an object is a container; if a function has n of them, the one idle for longest is needed at the next arrival at which n of its invocations run at once",
  "the invocations at once are those of the run times on an idle machine",
  "of equals, and of those that are never needed again, the container idle for longest goes",
  OLDER_ZYGOTE_GOES,
];

export const beladyEviction: PolicySpec<"evict"> = {
  ...SHARED,
  name: "belady",
  summary: "Evicts the idle container whose next use is farthest away: an oracle.",
  source: "Belady, A study of replacement algorithms, IBM Systems Journal 5(2), 1966 (MIN)",
  departures: DEPARTURES,
  create: (_, context) => new Belady(context.future, (waitUs) => waitUs),
};

export const beladySizeEviction: PolicySpec<"evict"> = {
  ...SHARED,
  name: "belady-size",
  summary: "Evicts the largest (time until the next use) x size: an oracle.",
  source: "BeladySize of libCacheSim",
  departures: ["all idle containers are compared; libCacheSim draws 128 objects", ...DEPARTURES],
  create: (_, context) => new Belady(context.future, (waitUs, bytes) => waitUs * bytes),
};

export const beladyCostEviction: PolicySpec<"evict"> = {
  ...SHARED,
  name: "belady-cost",
  summary: "Evicts the largest (time until the next use) x size / cost: an oracle.",
  source:
    "the order in which PFOO-L of Berger et al., SIGMETRICS 2018, gives up intervals, applied to what is idle now",
  departures: [
    "cost is what making the container again would take now on an idle machine",
    ...DEPARTURES,
  ],
  create: (_, context) =>
    new Belady(context.future, (waitUs, bytes, costUs) => (waitUs * bytes) / costUs),
};

/** What keeping a container would take for what it would save; the most wasteful one goes. */
type Waste = (waitUs: number, bytes: number, costUs: number) => number;

/** Belady's rule is best for objects of one size and cost; with others each variant is a heuristic. */
class Belady implements EvictPolicy {
  readonly #future: Future;
  readonly #waste: Waste;

  constructor(future: Future | null, waste: Waste) {
    assert(future !== null, "an oracle was made without a future");
    this.#future = future;
    this.#waste = waste;
  }

  victim(view: View) {
    const { containers, nowUs } = view;
    const seen = new Set<FunctionId>();
    let victim: ContainerId = NONE;
    let most = Number.NEGATIVE_INFINITY;
    for (let id = containers.oldestIdle(); id !== NONE; id = containers.nextIdle(id)) {
      const functionId = containers.functionOf(id);
      if (seen.has(functionId)) continue; // a container idle for longer is needed later
      seen.add(functionId);
      const live = containers.idleCountOf(functionId) + containers.busyCountOf(functionId);
      const nextUs = this.#future.nextUs(functionId, nowUs, live);
      const bytes = Math.max(containers.reclaimableBytes(id), 1);
      const costUs = Math.max(containers.remakeUsOf(id), 1);
      const waste = this.#waste(nextUs - nowUs, bytes, costUs);
      if (waste <= most) continue;
      victim = id;
      most = waste;
    }
    return olderOf(view, victim);
  }
}
