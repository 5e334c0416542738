import type { Result } from "../results/result.js";
import type { Chart } from "./charts/chart.js";
import { mergeEqualLines } from "./charts/line-chart.js";
import { formatValue } from "./format-cell.js";

/** The startup times of one run. */
export interface StartupCurve {
  readonly label: string;
  /** Index of its style. */
  readonly style: number;
  readonly run: Pick<Result, "startupEcdfUs" | "timesUs">;
}

/** The axes that several drawings share. */
export interface StartupRange {
  readonly shortestUs: number;
  readonly longestUs: number;
  /** The least share of starts, above 0, that takes longer than some time. */
  readonly leastShare: number;
}

/** The range of the startup times of some runs. Starts that did not wait are no part of it. */
export function startupRange(runs: readonly StartupCurve["run"][]): StartupRange {
  const waits = runs
    .flatMap(({ startupEcdfUs }) => startupEcdfUs)
    .filter((each) => each.atMostUs > 0);
  const shares = runs.flatMap((run) => survivorsOf(run).flatMap(({ share }) => share || []));
  const shortestUs = Math.min(...waits.map(({ atMostUs }) => atMostUs), 1e6);
  return {
    shortestUs,
    longestUs: Math.max(10 * shortestUs, ...runs.map(({ timesUs }) => timesUs.startup.max)),
    leastShare: Math.min(0.1, ...shares),
  };
}

/**
 * Complementary distributions of startup times on two log axes: which share of the starts took
 * longer than a time. The interesting starts are few and slow, and both axes show them. `label`
 * describes the drawing.
 */
export function startupChart(
  curves: readonly StartupCurve[],
  { shortestUs, longestUs, leastShare }: StartupRange,
  label: string,
): Chart {
  const data = curves.map((curve) => ({ ...curve, points: pointsOf(curve, shortestUs) }));
  return {
    kind: "lines",
    data: mergeEqualLines(data),
    options: {
      label,
      shape: "steps",
      x: {
        title: "startup time (log scale)",
        kind: "log",
        domain: [shortestUs, longestUs],
        format: (us) => formatValue(us, "microseconds"),
      },
      y: {
        title: "starts that took longer (log scale)",
        kind: "log",
        domain: [leastShare, 1],
        format: (share) => formatValue(share, "ratio"),
      },
    },
  };
}

/** From each time on, the share of starts that took longer. */
function survivorsOf({ startupEcdfUs, timesUs }: StartupCurve["run"]) {
  const all = timesUs.startup.count;
  return startupEcdfUs.map(({ atMostUs, count }) => ({ atMostUs, share: (all - count) / all }));
}

/** A curve ends at the last time that some start exceeds: a log axis has no 0. */
function pointsOf({ label, run }: StartupCurve, shortestUs: number) {
  const steps = survivorsOf(run);
  const first = steps.findLast(({ atMostUs }) => atMostUs < shortestUs);
  const begin = { atMostUs: shortestUs, share: first?.share ?? 1 };
  const shown = [begin, ...steps.filter(({ atMostUs }) => atMostUs >= shortestUs)];
  const last = shown.at(-1)!;
  return shown
    .filter(({ share }) => share > 0)
    .concat(last.share === 0 ? { ...last, share: shown.at(-2)?.share ?? 0 } : [])
    .filter(({ share }) => share > 0)
    .map(({ atMostUs, share }) => ({
      x: atMostUs,
      y: share,
      tip: `${label}: ${formatValue(share, "ratio")} of starts took longer than ${formatValue(atMostUs, "microseconds")}`,
    }));
}
