import { verdictOf } from "../../results/fidelity-bounds.js";
import type { BoundResult, Fidelity } from "../../results/fidelity-result.js";
import type { Section } from "../section.js";
import type { Cell, Unit } from "../table.js";

const UNITS: Readonly<Record<BoundResult["unit"], Unit>> = {
  ratio: "ratio",
  pp: "ratio",
  count: "count",
};

/** What the validation demands, and whether it is met. */
export function boundsSection({ bounds, isWithin, run }: Fidelity): Section {
  const verdict = isWithin ? "Every bound is met." : "Not every bound is met.";
  return {
    id: "bounds",
    title: "Bounds",
    text:
      `${verdict} Each row shows the mean error of the simulated runs against the real ones, for the worst policy. Next to it ` +
      `is the difference between real runs, the noise of the machine (${run.repeats} real and ${run.simRepeats} simulated runs of each policy). ` +
      "If that noise alone exceeds the bound, no simulator can meet it. Times and memory are relative to the real value, start kinds are shares of all invocations.",
    figures: [],
    table: {
      id: "bounds",
      columns: [
        { name: "bound", title: "bound", unit: "text" },
        { name: "limit", title: "at most", unit: "ratio" },
        { name: "value", title: "simulated against real", unit: "ratio" },
        { name: "noise", title: "real against real", unit: "ratio" },
        { name: "policy", title: "worst policy", unit: "text" },
        { name: "verdict", title: "verdict", unit: "text" },
      ],
      rows: bounds.map((bound) => [
        bound.title,
        inUnit(bound.limit, bound),
        inUnit(bound.value, bound),
        inUnit(bound.noise, bound),
        bound.policy,
        { text: verdictOf(bound), mark: bound.isMet ? "good" : "bad" },
      ]),
    },
    isTableOpen: true,
  };
}

/** Whether both backends put the policies in the same order. */
export function rankingSection({ rankings, policies }: Fidelity): Section {
  return {
    id: "ranking",
    title: "Ranking of the policies",
    text:
      "Policies from the best to the worst by the mean of their runs, on each backend. Kendall's tau is 1 if both orders are the same. Its " +
      "95 % interval comes from resampled repeats. A pair of policies is clear if all real runs put it in the same order, and reversed if the simulator puts it in the opposite order.",
    figures: [],
    table: {
      id: "ranking",
      columns: [
        { name: "metric", title: "by", unit: "text" },
        { name: "realOrder", title: "real order", unit: "text" },
        { name: "simOrder", title: "simulated order", unit: "text" },
        { name: "tau", title: "tau", unit: "count" },
        { name: "clearPairs", title: "clear pairs", unit: "count" },
        { name: "reversedPairs", title: "reversed", unit: "count" },
        ...policies.flatMap(({ label }, at) => [
          { name: `real${at + 1}`, title: `${label}, real`, unit: "count" as const },
          { name: `sim${at + 1}`, title: `${label}, simulated`, unit: "count" as const },
        ]),
      ],
      rows: rankings.map((each) => [
        each.title,
        each.realOrder.join(" < "),
        each.simOrder.join(" < "),
        each.tau === null ? null : { value: each.tau, low: each.low, high: each.high },
        each.clearPairs,
        each.reversedPairs,
        ...each.real.flatMap((real, at) =>
          [real, each.sim[at]].map(
            (value): Cell => ({
              ...{ value, low: null, high: null },
              unit: each.unit === "bytes" ? "bytes" : "microseconds",
            }),
          ),
        ),
      ]),
    },
    isTableOpen: true,
  };
}

function inUnit(value: number | null, { unit }: BoundResult): Cell {
  return value === null ? null : { value, low: null, high: null, unit: UNITS[unit] };
}
