import { formatBytes } from "../../basics/units.js";
import { textTable } from "../text-table.js";
import { formatMeasure, type Goal } from "./goal.js";
import type { SizeResult } from "./size-result.js";

/** The answer with its interval, the curve around it, and warnings. */
export function renderSize(size: SizeResult, goals: readonly Goal[]): string {
  const { trace, policy, memoryBytes, mean, seeds, curve, step, runs, warnings } = size;
  const asked = goals.map(({ text }) => text).join(" and ");
  const found =
    memoryBytes === null
      ? "no size of those allowed"
      : `${formatBytes(memoryBytes)} with every seed`;
  const interval =
    mean === null || mean.low === null || mean.high === null
      ? ""
      : `; mean of ${seeds.length} seeds ${formatBytes(mean.mean)}, 95 % interval ${formatBytes(Math.max(0, mean.low))} to ${formatBytes(mean.high)}`;
  const heading = ["memory", "seeds that meet it", ...goals.map(({ measure }) => measure.name)];
  const rows = curve.map((point) => [
    `${formatBytes(point.memoryBytes)}${point.memoryBytes === memoryBytes ? " *" : ""}`,
    `${point.met} of ${seeds.length}`,
    ...point.figures.map((figure, at) => {
      if (figure === null) return "-";
      const { mean: centre, low, high } = figure;
      const value = formatMeasure(goals[at], centre);
      if (low === null || high === null) return value;
      return `${value} (${formatMeasure(goals[at], low)} to ${formatMeasure(goals[at], high)})`;
    }),
  ]);
  return [
    `${trace}, ${policy}: ${asked}: ${found}${interval}`,
    "",
    textTable([heading, ...rows]).trimEnd(),
    "",
    `sizes differ by a factor of ${step}; ${runs} runs`,
    ...warnings.map((warning) => `warning: ${warning}`),
    "",
  ].join("\n");
}
