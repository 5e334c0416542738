import { mean, quantileSorted } from "d3-array";
import { RandomStreams } from "../../basics/random.js";
import type { Result } from "../../results/result.js";
import { CONFIDENCE } from "../../results/statistics.js";
import { kendallTau } from "./orders.js";

const RESAMPLES = 2000;

/** A metric that ranks policies; less is better. */
export interface RankingMetric {
  readonly name: string;
  readonly title: string;
  readonly unit: "microseconds" | "bytes";
  of(result: Result): number;
}

export const RANKING_METRICS: readonly RankingMetric[] = [
  {
    name: "startupMean",
    title: "startup mean",
    unit: "microseconds",
    of: ({ timesUs }) => timesUs.startup.mean,
  },
  {
    name: "startupP99",
    title: "startup p99",
    unit: "microseconds",
    of: ({ timesUs }) => timesUs.startup.p99,
  },
  {
    name: "memoryMean",
    title: "memory mean",
    unit: "bytes",
    of: ({ memory }) => memory.meanBytes,
  },
];

/** The values of one metric in a policy's repeats on both backends. */
export interface RankedPolicy {
  readonly label: string;
  readonly real: readonly number[];
  readonly sim: readonly number[];
}

/** How far both backends put the policies in the same order. */
export interface RankingAgreement {
  /** Labels in the order of the mean over repeats, best first. */
  readonly realOrder: readonly string[];
  readonly simOrder: readonly string[];
  /** null: on one backend all means are equal. */
  readonly tau: number | null;
  /**
   * Bounds of 95 % of the taus of resampled repeats (bootstrap percentiles); null: no resample has
   * a tau.
   */
  readonly low: number | null;
  readonly high: number | null;
  /** Pairs of policies that all real repeats order alike. */
  readonly clearPairs: number;
  /** Clear pairs that the simulated means order in the opposite way. */
  readonly reversedPairs: number;
}

export function compareRankings(policies: readonly RankedPolicy[]): RankingAgreement {
  const real = policies.map((policy) => mean(policy.real)!);
  const sim = policies.map((policy) => mean(policy.sim)!);
  const clear = pairsOf(policies).filter(
    ([a, b]) => isBelow(a.real, b.real) || isBelow(b.real, a.real),
  );
  const reversed = clear.filter(([a, b]) => {
    const inSim = Math.sign(mean(a.sim)! - mean(b.sim)!);
    return inSim !== 0 && inSim !== (isBelow(a.real, b.real) ? -1 : 1);
  });
  return {
    realOrder: orderOf(policies, real),
    simOrder: orderOf(policies, sim),
    tau: kendallTau(sim, real),
    ...boundsOfTau(policies),
    clearPairs: clear.length,
    reversedPairs: reversed.length,
  };
}

/**
 * Resamples the repeats of each policy and backend separately, with replacement (Efron and
 * Tibshirani 1993).
 */
function boundsOfTau(policies: readonly RankedPolicy[]): Pick<RankingAgreement, "low" | "high"> {
  const random = new RandomStreams(0).get("validate/ranking");
  const again = (values: readonly number[]) =>
    mean(values.map(() => values[Math.floor(random.next() * values.length)]))!;
  const taus = Array.from({ length: RESAMPLES }, () =>
    kendallTau(
      policies.map(({ sim }) => again(sim)),
      policies.map(({ real }) => again(real)),
    ),
  )
    .filter((tau) => tau !== null)
    .toSorted((a, b) => a - b);
  if (taus.length === 0) return { low: null, high: null };
  const tail = (1 - CONFIDENCE) / 2;
  return { low: quantileSorted(taus, tail)!, high: quantileSorted(taus, 1 - tail)! };
}

function pairsOf(policies: readonly RankedPolicy[]): (readonly [RankedPolicy, RankedPolicy])[] {
  return policies.flatMap((a, at) => policies.slice(at + 1).map((b) => [a, b] as const));
}

/** True if every value of `these` is less than every value of `those`. */
function isBelow(these: readonly number[], those: readonly number[]): boolean {
  return Math.max(...these) < Math.min(...those);
}

function orderOf(policies: readonly RankedPolicy[], values: readonly number[]): string[] {
  return policies
    .map(({ label }, at) => ({ label, value: values[at] }))
    .toSorted((a, b) => a.value - b.value)
    .map(({ label }) => label);
}
