import { assert } from "../../basics/errors.js";
import type { MeasuredSpan } from "../../contract/measured-span.js";
import { SILENT_OBSERVER } from "../../contract/observer.js";
import type { FunctionProfile, Package } from "../../contract/workload.js";
import { type FunctionArrivals, readFuture } from "../../policies/known-future.js";
import { BOUND_SCHEMA, type BoundPoint, type TraceBound } from "../../results/bound/trace-bound.js";
import { idleContainerBytes, shortestRun } from "../../sim/costs/container-bytes.js";
import { type Costs, footprintOf } from "../../sim/costs/costs.js";
import { coldStartTimes } from "../../sim/costs/idle-times.js";
import { describeArrivals } from "../run/describe-run.js";
import { finiteOrNull } from "../run/finite-or-null.js";
import { findCommit, SOCKLAB_VERSION } from "../run/provenance.js";
import { readCosts } from "../run/read-costs.js";
import { WorkloadReader } from "../run/read-workload.js";
import { measuredSpan } from "../run/recorder-parts.js";
import type { RunSettings } from "../run/run-settings.js";
import { serveUnit } from "../run/serve-unit.js";
import { MostSaved } from "./most-saved.js";
import { type Uses, usesOf } from "./reuses-of-levels.js";

const METHOD =
  "PFOO-L (Berger et al., SIGMETRICS 2018): a bound for every policy that makes containers only for invocations that ask for one, in runs where no invocation waits for memory or cores. A start that waits for a busy container counts as a miss.";

/** The part of a run's settings on which bounds depend: not the policy. */
export type BoundSettings = Omit<RunSettings, "memoryBytes" | "policy" | "set" | "backend">;

/**
 * The least misses of a trace at each memory size, for any policy. It keeps 68 bytes per
 * invocation. Errors: InputError.
 */
export async function findBound(
  settings: BoundSettings,
  memories: readonly number[],
): Promise<TraceBound> {
  const known = await readKnown(settings);
  const { uses } = known;
  return {
    schema: BOUND_SCHEMA,
    method: METHOD,
    trace: settings.trace,
    unit: settings.unit,
    ...describeArrivals(settings),
    seed: settings.seed,
    costs: settings.costs ?? "default",
    version: SOCKLAB_VERSION,
    commit: findCommit(),
    invocations: uses.invocations,
    firstUses: uses.invocations - uses.count,
    points: boundsAt(memories, known),
  };
}

/** A workload whose arrivals are all known. */
interface Known {
  readonly costs: Costs;
  readonly functions: readonly FunctionProfile[];
  readonly packages: readonly Package[];
  readonly span: MeasuredSpan;
  /** By function. */
  readonly arrivals: readonly FunctionArrivals[];
  readonly uses: Uses;
}

async function readKnown(settings: BoundSettings): Promise<Known> {
  const costs = await readCosts(settings.costs);
  const read = await new WorkloadReader().read({ ...settings, memoryBytes: 0, ...NO_POLICY });
  const { interpreterBytes } = footprintOf(costs);
  const { workload } = serveUnit(settings.unit, read, SILENT_OBSERVER, interpreterBytes);
  const { functions, catalogue } = workload;
  const span = measuredSpan({ ...settings, memoryBytes: 0, ...NO_POLICY }, workload);
  const arrivals = await readFuture(workload.arrivals(), functions.length);
  const uses = usesOf(arrivals, span, shortestRun(costs));
  return { costs, functions, packages: catalogue.packages, span, arrivals, uses };
}

function boundsAt(memories: readonly number[], known: Known): BoundPoint[] {
  const { costs, functions, packages, span, arrivals, uses } = known;
  const bytes = idleContainerBytes({ costs, functions, packages });
  const coldUs = coldStartTimes(costs, functions, packages);
  const whole = byUse(uses, (id) => bytes[id].whole);
  const one = byUse(uses, () => 1);
  const kept = { count: uses.count, kept: uses.heldUs };
  const hits = new MostSaved({ ...kept, bytes: whole, worth: one });
  const hitsUs = new MostSaved({ ...kept, bytes: whole, worth: byUse(uses, (id) => coldUs[id]) });
  const forkedBytes = byUse(uses, (id) => bytes[id].forked);
  const forkedHits = new MostSaved({ ...kept, bytes: forkedBytes, worth: one });
  const allColdUs = arrivals.reduce(
    (sum, { atUs }, id) => sum + coldUs[id] * countFrom(atUs, span.fromUs),
    0,
  );
  const timeUs = span.untilUs - span.fromUs;
  return memories.map((memoryBytes) => {
    const misses = leastOf(uses.invocations, hits.within(memoryBytes, timeUs));
    const forkedMisses = leastOf(uses.invocations, forkedHits.within(memoryBytes, timeUs));
    return {
      memoryBytes: finiteOrNull(memoryBytes),
      misses,
      hitRatio: hitsOf(misses, uses),
      coldStartUs: Math.max(0, Math.floor(allColdUs - hitsUs.within(memoryBytes, timeUs))),
      forkedMisses,
      forkedHitRatio: hitsOf(forkedMisses, uses),
    };
  });
}

const NO_POLICY = { policy: "", set: [], backend: "sim" } as const;

function byUse({ count, functionId }: Uses, of: (functionId: number) => number): Float64Array {
  const values = new Float64Array(count);
  for (let at = 0; at < count; at++) values[at] = of(functionId[at]);
  return values;
}

/** Misses are whole: a part of one more hit is no hit. A sum of parts may be a little too large. */
function leastOf(invocations: number, hits: number): number {
  const misses = Math.ceil(invocations - hits - 1e-6);
  assert(misses >= 0, "more hits than invocations");
  return misses;
}

function hitsOf(misses: number, { invocations }: Uses): number {
  return invocations === 0 ? 0 : (invocations - misses) / invocations;
}

function countFrom(atUs: Float64Array, fromUs: number): number {
  let count = atUs.length;
  for (let at = 0; at < atUs.length && atUs[at] < fromUs; at++) count--;
  return count;
}
