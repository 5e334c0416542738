import { mean } from "d3-array";
import type { Tier } from "../../contract/observer.js";
import { type BoundSpec, checkBounds } from "../../results/fidelity-bounds.js";
import {
  FIDELITY_SCHEMA,
  type Fidelity,
  type FidelityPolicy,
  type FidelityRun,
  type RankingResult,
} from "../../results/fidelity-result.js";
import type { RunDescription } from "../../results/run-schema.js";
import type { ReplayResult } from "../../run/journal/replay.js";
import { agreementShare, cohensKappa, confusionOf, FATES } from "./confusion.js";
import { type ComparedRun, MEASURES } from "./measures.js";
import { compareSequences } from "./orders.js";
import { compareRankings, RANKING_METRICS } from "./ranking.js";
import { crossPairs, errorSpreadOf, fellowPairs, type Pair, twinPairs } from "./spread.js";
import { splitStartup } from "./startup-split.js";

/** A run and the result of its replay. */
export interface ReplayedRun extends ComparedRun {
  readonly replay: ReplayResult;
}

/** All runs of one policy. */
export interface PolicyRuns {
  readonly label: string;
  readonly policy: RunDescription["policy"];
  /** At least one real and one simulated run. */
  readonly real: readonly ReplayedRun[];
  readonly sim: readonly ReplayedRun[];
  /**
   * Per real run: `drawn` is simulated with costs drawn from that run, `same` with the cost of the
   * same operation in it.
   */
  readonly drawn: readonly ComparedRun[];
  readonly same: readonly ComparedRun[];
  readonly drawnCosts: FidelityPolicy["drawnCosts"];
  readonly sameCosts: FidelityPolicy["sameCosts"];
}

const TIERS: readonly Tier[] = ["handler", "import", "install"];

/** Compares all runs with each other and with the bounds. */
export function makeFidelity(
  run: Omit<Fidelity["run"], "invocations">,
  all: readonly PolicyRuns[],
  bounds: readonly BoundSpec[],
): Fidelity {
  const policies = all.map(fidelityOf);
  const rankings = all.length < 2 ? [] : rank(all);
  const checked = checkBounds(bounds, policies, rankings);
  const replays = policies.every(({ real, sim }) =>
    [...real, ...sim].every(({ replay }) => replay.divergence === null),
  );
  return {
    schema: FIDELITY_SCHEMA,
    run: { ...run, invocations: all[0].real[0].result.invocations.total },
    isWithin: replays && checked.every(({ isMet }) => isMet),
    bounds: checked,
    fates: [...FATES],
    policies,
    rankings,
  };
}

function fidelityOf(runs: PolicyRuns): FidelityPolicy {
  const { real, sim, drawn, same } = runs;
  const cross = crossPairs(sim, real);
  const fellows = fellowPairs(real);
  return {
    label: runs.label,
    policy: runs.policy,
    real: real.map(summaryOf),
    sim: sim.map(summaryOf),
    measures: MEASURES.map((measure) => ({
      name: measure.name,
      title: measure.title,
      simAgainstReal: errorSpreadOf(measure, cross),
      realAgainstReal: errorSpreadOf(measure, fellows),
      drawnAgainstReal: errorSpreadOf(measure, twinPairs(drawn, real)),
      sameAgainstReal: errorSpreadOf(measure, twinPairs(same, real)),
    })),
    confusion: meanConfusion(cross),
    realConfusion: fellows.length === 0 ? null : meanConfusion(fellows),
    evictions: TIERS.map((tier) => evictionsOf(tier, runs)),
    startupSplit: meanSplit(cross),
    drawnCosts: runs.drawnCosts,
    sameCosts: runs.sameCosts,
  };
}

function summaryOf({ result, log, replay }: ReplayedRun): FidelityRun {
  const { divergence, ...counts } = replay;
  return {
    invocations: result.invocations,
    timesUs: result.timesUs,
    startupByKindUs: result.startupByKindUs,
    startupEcdfUs: result.startupEcdfUs,
    memory: result.memory,
    tiers: result.tiers,
    warnings: result.warnings,
    digest: result.run.digest,
    commit: result.run.commit,
    wallUs: result.run.wallUs,
    memoryBytesBySecond: [...log.memoryBytes],
    replay: {
      ...counts,
      divergence:
        divergence === null
          ? null
          : `line ${divergence.line}: "${divergence.recorded.trim()}" became "${divergence.replayed.trim()}"`,
    },
  };
}

function meanConfusion(pairs: readonly Pair[]): FidelityPolicy["confusion"] {
  const matrices = pairs.map(([run, reference]) => confusionOf(run.log, reference.log));
  const matrix = FATES.map((_, row) =>
    FATES.map((_, column) => mean(matrices, (each) => each[row][column])!),
  );
  return { matrix, agreementShare: agreementShare(matrix), kappa: cohensKappa(matrix) };
}

function evictionsOf(tier: Tier, { real, sim }: PolicyRuns): FidelityPolicy["evictions"][number] {
  const agreements = (pairs: readonly Pair[]) =>
    pairs.map(([run, reference]) =>
      compareSequences(run.log.evictions[tier], reference.log.evictions[tier]),
    );
  const cross = agreements(crossPairs(sim, real));
  const fellows = agreements(fellowPairs(real));
  const countOf = ({ log }: ComparedRun) => log.evictions[tier].length;
  return {
    tier,
    realCount: mean(real, countOf)!,
    simCount: mean(sim, countOf)!,
    isSameOrder: cross.every(({ commonShare }) => commonShare === 1),
    commonShare: mean(cross, ({ commonShare }) => commonShare)!,
    tau: mean(cross, ({ tau }) => tau) ?? null,
    realCommonShare: mean(fellows, ({ commonShare }) => commonShare) ?? null,
    realTau: mean(fellows, ({ tau }) => tau) ?? null,
  };
}

function meanSplit(pairs: readonly Pair[]): FidelityPolicy["startupSplit"] {
  const splits = pairs.map(([run, reference]) => splitStartup(run.result, reference.result));
  return {
    differenceUs: mean(splits, ({ differenceUs }) => differenceUs)!,
    mixUs: mean(splits, ({ mixUs }) => mixUs)!,
    priceUs: mean(splits, ({ priceUs }) => priceUs)!,
  };
}

function rank(all: readonly PolicyRuns[]): RankingResult[] {
  return RANKING_METRICS.map(({ name, title, unit, of }) => {
    const policies = all.map(({ label, real, sim }) => ({
      label,
      real: real.map(({ result }) => of(result)),
      sim: sim.map(({ result }) => of(result)),
    }));
    const { realOrder, simOrder, ...agreement } = compareRankings(policies);
    return {
      metric: name,
      title,
      unit,
      real: policies.map(({ real }) => mean(real)!),
      sim: policies.map(({ sim }) => mean(sim)!),
      realOrder: [...realOrder],
      simOrder: [...simOrder],
      ...agreement,
    };
  });
}
