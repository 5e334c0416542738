import type { Quantiles, Result } from "../../results/result.js";

/** Why two means of startup differ, in microseconds; the parts sum to the difference. */
export interface StartupSplit {
  /** The mean of the run less that of the reference. */
  readonly differenceUs: number;
  /** Other starts: shares of the kinds differ, each at the mean price of both runs. */
  readonly mixUs: number;
  /** Other prices: the kinds' means differ, each at the mean share of both runs. */
  readonly priceUs: number;
}

/**
 * Splits a difference of means over kinds of starts into what other decisions and what other costs
 * bring (Kitagawa, Components of a difference between two rates, 1955). A kind that one run has not
 * takes the other's price there, so that it counts as a decision alone.
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
