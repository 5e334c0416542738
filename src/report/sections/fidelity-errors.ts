import type { Fidelity } from "../../results/fidelity-result.js";
import type { Section } from "../section.js";

/** Every distance, simulated against real beside real against real. */
export function errorsSection({ policies }: Fidelity): Section {
  return {
    id: "errors",
    title: "Errors",
    text:
      "Means (and largest) over pairs of runs; relative to the real run held against, or shares of all invocations. Drawn costs: simulated, each operation " +
      "taking what one like it took in the real run, drawn at random: what no better cost model would mend. Same costs: each operation takes what " +
      "the very same one took in the real run: what is left is neither cost nor chance.",
    figures: [],
    table: {
      id: "errors",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "measure", title: "error of", unit: "text" },
        { name: "sim", title: "simulated against real", unit: "ratio" },
        { name: "simMax", title: "largest", unit: "ratio" },
        { name: "real", title: "real against real", unit: "ratio" },
        { name: "realMax", title: "largest", unit: "ratio" },
        { name: "drawn", title: "with drawn costs", unit: "ratio" },
        { name: "same", title: "with the same costs", unit: "ratio" },
      ],
      rows: policies.flatMap(({ label, measures }) =>
        measures
          .filter(({ simAgainstReal }) => simAgainstReal !== null)
          .map((measure) => [
            label,
            measure.title,
            measure.simAgainstReal?.mean ?? null,
            measure.simAgainstReal?.max ?? null,
            measure.realAgainstReal?.mean ?? null,
            measure.realAgainstReal?.max ?? null,
            measure.drawnAgainstReal?.mean ?? null,
            measure.sameAgainstReal?.mean ?? null,
          ]),
      ),
    },
    isTableOpen: true,
    hasFilter: true,
  };
}

/** How much of the difference is cost, and how much decisions. */
export function causesSection({ policies }: Fidelity): Section {
  return {
    id: "causes",
    title: "Cost or decision",
    text:
      "The difference of the mean startup, simulated less real, split over the kinds of starts: other shares of the kinds (decisions) and other means " +
      "of the kinds (costs); both sum to the difference (Kitagawa 1955). Behind it, where the operations of the runs with a real run's costs found theirs: " +
      "of the same work, of another like it, or of no kind that the real run knew.",
    figures: [],
    table: {
      id: "causes",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "difference", title: "difference", unit: "microseconds" },
        { name: "mix", title: "of decisions", unit: "microseconds" },
        { name: "price", title: "of costs", unit: "microseconds" },
        { name: "drawnSame", title: "drawn: same work", unit: "count" },
        { name: "drawnAlike", title: "alike", unit: "count" },
        { name: "drawnUnknown", title: "unknown", unit: "count" },
        { name: "same", title: "same costs: same work", unit: "count" },
        { name: "sameAlike", title: "alike", unit: "count" },
        { name: "sameUnknown", title: "unknown", unit: "count" },
      ],
      rows: policies.map(({ label, startupSplit, drawnCosts, sameCosts }) => [
        label,
        startupSplit.differenceUs,
        startupSplit.mixUs,
        startupSplit.priceUs,
        ...[drawnCosts, sameCosts].flatMap(({ same, alike, unknown }) => [same, alike, unknown]),
      ]),
    },
    isTableOpen: true,
  };
}
