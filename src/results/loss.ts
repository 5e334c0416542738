import { US_PER_MINUTE } from "../basics/units.js";
import type { Configuration } from "./configurations.js";
import { LOST, lostCount, type ResultHead } from "./metrics.js";
import type { Result } from "./result.js";
import { formatCount, formatRatio } from "./text-table.js";

/**
 * A configuration that loses a larger share of its invocations is not compared with others, unless
 * the caller gives another limit: times, hits and memory are those of the invocations it served,
 * and the ones it lost are often the expensive ones.
 */
export const MAX_LOST = 0.01;

/** Mean share lost over the seeds. */
export function lostShare({ results }: Pick<Configuration, "results">): number {
  return results.reduce((sum, result) => sum + (LOST.of(result) ?? 0), 0) / results.length;
}

/**
 * What a run lost, one clause per entry: the share, how the invocations ended, in which minutes, and
 * what the engine says was short. Empty if every invocation completed.
 */
export function describeLoss(result: Result): string[] {
  const { invocations, timeline, warnings } = result;
  const lost = lostCount(invocations);
  if (lost === 0) return [];
  const { total } = invocations;
  return [
    `${formatRatio(lost / total)} of the invocations were lost: ${formatCount(lost)} of ${formatCount(total)}`,
    endsOf([result]),
    ...minutesOf(timeline),
    ...warnings.filter(({ code }) => code === OVERLOADED).map(({ text }) => text),
  ];
}

/** How the lost invocations of some runs ended: `54 % timed out, 0.2 % were rejected`. */
export function endsOf(results: readonly Pick<ResultHead, "invocations">[]): string {
  const sum = (of: (invocations: ResultHead["invocations"]) => number) =>
    results.reduce((all, { invocations }) => all + of(invocations), 0);
  const total = sum((each) => each.total);
  const ends = [
    [sum((each) => each.timedOut), "timed out"],
    [sum((each) => each.rejected), "were rejected"],
    [sum((each) => each.failed), "failed"],
  ] as const;
  return ends
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${formatRatio(count / total)} ${name}`)
    .join(", ");
}

/** The minutes in which invocations were lost. Results of earlier versions do not have them. */
function minutesOf(timeline: Result["timeline"]): string[] {
  const lossy = timeline.filter(({ lost = 0 }) => lost > 0);
  const [first, last] = [lossy[0], lossy.at(-1)];
  if (first === undefined || last === undefined) return [];
  const most = lossy.reduce((a, b) => ((b.lost ?? 0) > (a.lost ?? 0) ? b : a));
  const minute = ({ atUs }: Result["timeline"][number]) => Math.ceil(atUs / US_PER_MINUTE);
  if (lossy.length === 1) return [`in minute ${minute(first)}`];
  return [
    `in ${lossy.length} minutes from ${minute(first)} to ${minute(last)}, most in minute ${minute(most)}`,
  ];
}

/** Code of the engine's warning that a resource was short for longer than invocations wait. */
export const OVERLOADED = "overloaded";
