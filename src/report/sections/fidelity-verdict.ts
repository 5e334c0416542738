import { verdictOf } from "../../results/fidelity-bounds.js";
import type { BoundResult, Fidelity } from "../../results/fidelity-result.js";
import type { Section } from "../section.js";
import type { Cell, Unit } from "../table.js";

const UNITS: Readonly<Record<BoundResult["unit"], Unit>> = {
  ratio: "ratio",
  pp: "ratio",
  count: "count",
};

/** What was demanded, and what came of it. */
export function boundsSection({ bounds, isWithin, run }: Fidelity): Section {
  const verdict = isWithin ? "Every bound holds." : "Not every bound holds.";
  return {
    id: "bounds",
    title: "Bounds",
    text:
      `${verdict} Each row holds the mean error of the simulated runs against the real ones, for the policy that is worst; beside ` +
      `it stands real against real, the noise of the machine (${run.repeats} real and ${run.simRepeats} simulated runs of each policy). ` +
      "Where that alone is over the bound, no simulator could hold it. Times and memory are relative to the real value, start kinds are shares of all invocations.",
    figures: [],
    table: {
      id: "bounds",
      columns: [
        { name: "bound", title: "bound", unit: "text" },
        { name: "limit", title: "at most", unit: "ratio" },
        { name: "value", title: "simulated against real", unit: "ratio" },
        { name: "noise", title: "real against real", unit: "ratio" },
        { name: "policy", title: "worst policy", unit: "text" },
        { name: "verdict", title: "", unit: "text" },
      ],
      rows: bounds.map((bound) => [
        bound.title,
        inUnit(bound.limit, bound),
        inUnit(bound.value, bound),
        inUnit(bound.noise, bound),
        bound.policy,
        verdictOf(bound),
      ]),
    },
    isTableOpen: true,
  };
}

/** Whether both backends order the policies alike. */
export function rankingSection({ rankings, policies }: Fidelity): Section {
  return {
    id: "ranking",
    title: "Ranking of the policies",
    text:
      "Policies from the best to the worst by the mean of their runs, on either backend. Kendall's tau is 1 where both orders are the same; its " +
      "interval (95 %) comes of resampled repeats. A pair is clear where all real runs order it alike; reversed, where the simulator orders it the other way.",
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
