import type { Fidelity } from "../../results/fidelity-result.js";
import type { Section } from "../section.js";

/** Every distance between simulated and real runs, next to that between real runs. */
export function errorsSection({ policies }: Fidelity): Section {
  return {
    id: "errors",
    title: "Errors",
    text:
      "Means (and largest values) over pairs of runs, relative to the real run of the pair, or as shares of all invocations. Drawn costs: simulated runs in which each operation " +
      "has the cost of a random similar operation in the real run: an error that no better cost model removes. Same costs: each operation has the cost that " +
      "this very operation had in the real run: the error that remains is neither cost nor chance.",
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

/** How much of the difference comes from costs, and how much from decisions. */
export function causesSection({ policies }: Fidelity): Section {
  return {
    id: "causes",
    title: "Cost or decision",
    text:
      "The difference of the mean startup, simulated minus real, divided by kinds of starts: different shares of the kinds (decisions) and different means " +
      "of the kinds (costs). The two sum to the difference (Kitagawa 1955). The columns after them count the operations of the runs with a real run's costs by the source of their cost: " +
      "the same work, other work of the kind, or no cost because the real run does not have the kind.",
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
