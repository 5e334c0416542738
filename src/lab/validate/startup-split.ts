import type { Quantiles, Result } from "../../results/result.js";

/** Why two mean startup times differ, in microseconds. The parts sum to the difference. */
export interface StartupSplit {
  /** The mean of the run minus the mean of the reference. */
  readonly differenceUs: number;
  /**
   * Part from different shares of the start kinds, each weighted by the mean price in both runs.
   */
  readonly mixUs: number;
  /** Part from different means of the start kinds, each weighted by the mean share in both runs. */
  readonly priceUs: number;
}

/**
 * Splits a difference of mean startup times into a part from different decisions and a part from
 * different costs (Kitagawa, Components of a difference between two rates, 1955). If one run lacks
 * a start kind, that kind takes its price from the other run, so it counts only as a decision.
 */
export function splitStartup(run: Result, reference: Result): StartupSplit {
  let mixUs = 0;
  let priceUs = 0;
  const kinds = Object.keys(run.startupByKindUs) as (keyof Result["startupByKindUs"])[];
  for (const kind of kinds) {
    const a = run.startupByKindUs[kind];
    const b = reference.startupByKindUs[kind];
    const shareA = shareOf(a, run);
    const shareB = shareOf(b, reference);
    const priceA = a.count === 0 ? b.mean : a.mean;
    const priceB = b.count === 0 ? a.mean : b.mean;
    mixUs += ((shareA - shareB) * (priceA + priceB)) / 2;
    priceUs += ((priceA - priceB) * (shareA + shareB)) / 2;
  }
  return { differenceUs: mixUs + priceUs, mixUs, priceUs };
}

function shareOf({ count }: Quantiles, { timesUs }: Result): number {
  return timesUs.startup.count === 0 ? 0 : count / timesUs.startup.count;
}
