import { type Configuration, compare, summarise } from "./configurations.js";
import type { Metric } from "./metrics.js";
import type { PairedDifference } from "./statistics.js";

/** Which of some configurations is best by a metric, and how sure that is. */
export interface Ranking<C extends Configuration = Configuration> {
  /**
   * The configuration with the best mean, then those that the seeds do not distinguish from it and
   * whose means are better than that of every one that they do distinguish, from the best mean to the
   * worst. Empty if all configurations are equal, or nothing is distinguished.
   */
  readonly leaders: readonly C[];
  /**
   * Those that the seeds do not distinguish from the best although their means are worse than that of
   * one that is distinguished: they vary too much to be ranked, and are not good because of that.
   */
  readonly uncertain: readonly C[];
  /** Whether the seeds distinguish the one leader from every other configuration. */
  readonly isSettled: boolean;
  /** The best one that is not a leader, and its difference from the leader; undefined: there is none. */
  readonly next: { readonly configuration: C; readonly difference: PairedDifference } | undefined;
}

const NOBODY = { leaders: [], uncertain: [], isSettled: false, next: undefined } as const;

/**
 * Ranks configurations that may be compared: those of one workload with common seeds. Two are
 * distinguished if the interval of their difference, paired by seed, excludes 0; one seed has no interval.
 */
export function rank<C extends Configuration>(
  configurations: readonly C[],
  metric: Metric,
): Ranking<C> {
  const sign = metric.better === "lower" ? 1 : -1;
  const sorted = configurations
    .flatMap((configuration) => {
      const interval = summarise(configuration, metric);
      return interval === null ? [] : [{ configuration, mean: interval.mean }];
    })
    .toSorted((a, b) => sign * (a.mean - b.mean));
  const [best, ...rest] = sorted.map(({ configuration }) => configuration);
  if (best === undefined) return NOBODY;
  const apart = rest.flatMap((configuration) => {
    const difference = compare(configuration, best, metric);
    return difference?.isSignificant ? [{ configuration, difference }] : [];
  });
  const [next] = apart;
  if (next === undefined) return NOBODY;
  const isApart = new Set(apart.map(({ configuration }) => configuration));
  const leaders = [best, ...rest.slice(0, rest.indexOf(next.configuration))];
  const uncertain = rest.filter((each) => !isApart.has(each) && !leaders.includes(each));
  return { leaders, uncertain, isSettled: leaders.length + uncertain.length === 1, next };
}
