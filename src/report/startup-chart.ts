import type { Result } from "../results/result.js";
import { lineChart } from "./charts/line-chart.js";
import { formatValue } from "./format-cell.js";

/** The log axis begins here. Shorter times, including zero, are at its beginning. */
const FIRST_US = 1;

/** The startup times of one run. */
export interface StartupCurve {
  readonly label: string;
  /** Index of its style. */
  readonly style: number;
  readonly run: Pick<Result, "startupEcdfUs" | "timesUs">;
}

/** The longest startup time of some runs, at which the time axis of their drawings ends. */
export function longestStartupUs(runs: readonly StartupCurve["run"][]): number {
  return Math.max(10, ...runs.map(({ timesUs }) => timesUs.startup.max));
}

/** Empirical distributions of startup times in one drawing. `label` describes it. */
export function startupChart(
  curves: readonly StartupCurve[],
  { width, label, longestUs }: { width: number; label: string; longestUs: number },
): string {
  return lineChart(
    curves.map((curve) => ({ ...curve, points: pointsOf(curve) })),
    {
      width,
      label,
      shape: "steps",
      x: {
        title: "startup time (log scale)",
        kind: "log",
        domain: [FIRST_US, longestUs],
        format: (us) => formatValue(us, "microseconds"),
      },
      y: {
        title: "share of starts (%)",
        kind: "linear",
        domain: [0, 1],
        format: (share) => formatValue(share, "ratio"),
      },
    },
  );
}

function pointsOf({ label, run }: StartupCurve) {
  const all = run.timesUs.startup.count;
  return run.startupEcdfUs.map(({ atMostUs, count }) => ({
    x: Math.max(FIRST_US, atMostUs),
    y: count / all,
    tip: `${label}: ${formatValue(count / all, "ratio")} of starts took at most ${formatValue(atMostUs, "microseconds")}`,
  }));
}
