import { PHASES } from "../../contract/backend.js";
import type { Tier } from "../../contract/observer.js";
import type { Quantiles, Result } from "../../results/result.js";
import { agreementShare, confusionOf } from "./confusion.js";
import { compareSequences } from "./orders.js";
import type { RunLog } from "./run-log.js";

/** One run of a comparison. */
export interface ComparedRun {
  readonly result: Result;
  readonly log: RunLog;
}

/** A distance between two runs of one workload; 0 if they agree. */
export interface Measure {
  /** Stable, for programs. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** How far `run` is from `reference`; null: the runs do not have what is measured. */
  of(run: ComparedRun, reference: ComparedRun): number | null;
}

/** The smallest divisor of a relative error: one step of the clock, or one byte. */
const LEAST = 1;

/**
 * All distances that a validation reports, as shares of the reference's value or of all
 * invocations.
 */
export const MEASURES: readonly Measure[] = [
  { name: "startKinds", title: "start kinds (largest share)", of: startKindsError },
  { name: "disagreement", title: "invocations that start otherwise", of: disagreement },
  ...timeMeasures("startup", "startup", ["mean", "p50", "p90", "p99"]),
  ...timeMeasures("queue", "queue", ["mean"]),
  ...PHASES.flatMap((phase) => timeMeasures(phase, phase, ["p50", "p90"])),
  ...timeMeasures("run", "run", ["p50", "p90"]),
  { name: "memoryMean", title: "memory mean", of: memoryMeanError },
  { name: "memoryOverTime", title: "memory by second", of: memoryOverTimeError },
  ...evictionMeasures("handler", "containers"),
  ...evictionMeasures("import", "Zygotes"),
  ...evictionMeasures("install", "packages"),
];

/** |value - reference| relative to the reference. */
export function relativeError(value: number, reference: number): number {
  return Math.abs(value - reference) / Math.max(reference, LEAST);
}

/**
 * Shares of all invocations by start kind, in the order of START_KINDS, then the share that never
 * started.
 */
export function startShares({ invocations }: Result): number[] {
  const { total, warm, resumed, delayedWarm, zygote, zygoteBuilt, rootZygote, cold } = invocations;
  const counts = [warm, resumed, delayedWarm, zygote, zygoteBuilt, rootZygote, cold];
  const unstarted = total - counts.reduce((sum, count) => sum + count, 0);
  return [...counts, unstarted].map((count) => (total === 0 ? 0 : count / total));
}

function startKindsError(run: ComparedRun, reference: ComparedRun): number {
  const expected = startShares(reference.result);
  const errors = startShares(run.result).map((share, kind) => Math.abs(share - expected[kind]));
  return Math.max(...errors);
}

function disagreement(run: ComparedRun, reference: ComparedRun): number {
  return 1 - agreementShare(confusionOf(run.log, reference.log));
}

function timeMeasures(
  time: Exclude<keyof Result["timesUs"], "lateness">,
  title: string,
  quantiles: readonly Exclude<keyof Quantiles, "count" | "max">[],
): Measure[] {
  return quantiles.map((quantile) => ({
    name: `${time}${quantile === "mean" ? "Mean" : quantile.toUpperCase()}`,
    title: `${title} ${quantile}`,
    of: (run, reference) => {
      const a = run.result.timesUs[time];
      const b = reference.result.timesUs[time];
      return a.count === 0 || b.count === 0 ? null : relativeError(a[quantile], b[quantile]);
    },
  }));
}

function memoryMeanError(run: ComparedRun, reference: ComparedRun): number {
  return relativeError(run.result.memory.meanBytes, reference.result.memory.meanBytes);
}

/**
 * Mean distance of the two memory curves while both runs last, relative to the reference's mean.
 */
function memoryOverTimeError(run: ComparedRun, reference: ComparedRun): number | null {
  const a = run.log.memoryBytes;
  const b = reference.log.memoryBytes;
  const seconds = Math.min(a.length, b.length);
  if (seconds === 0) return null;
  let distance = 0;
  let bytes = 0;
  for (let second = 0; second < seconds; second++) {
    distance += Math.abs(a[second] - b[second]);
    bytes += b[second];
  }
  return distance / Math.max(bytes, LEAST);
}

function evictionMeasures(tier: Tier, title: string): Measure[] {
  const lists = (run: ComparedRun, reference: ComparedRun) => {
    const both = [run.log.evictions[tier], reference.log.evictions[tier]] as const;
    return both[0].length + both[1].length === 0 ? null : both;
  };
  return [
    {
      name: `${tier}Evictions`,
      title: `evicted ${title}: number`,
      of: (run, reference) => {
        const both = lists(run, reference);
        return both === null ? null : relativeError(both[0].length, both[1].length);
      },
    },
    {
      name: `${tier}EvictionOrder`,
      title: `evicted ${title}: not in common order`,
      of: (run, reference) => {
        const both = lists(run, reference);
        return both === null ? null : 1 - compareSequences(...both).commonShare;
      },
    },
  ];
}
