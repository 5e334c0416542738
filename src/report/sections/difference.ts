import { METRICS } from "../../results/metrics.js";
import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";
import type { Cell } from "../table.js";

/** Two runs compared, one measure per row. */
export function differenceSection({ results, labels }: Dataset): Section {
  const [a, b] = [results[0], results[1]];
  const isPaired = a.run.seed === b.run.seed;
  const seeds = isPaired
    ? "Both have the same seed, and so the same arrivals."
    : "Their seeds differ, and so do their arrivals: part of a difference is chance.";
  return {
    id: "difference",
    title: "Difference",
    text: `${labels.join("; ")}. ${seeds} Relative: the difference as a part of A.`,
    figures: [],
    table: {
      id: "difference",
      columns: [
        { name: "measure", title: "measure", unit: "text" },
        { name: "a", title: "A", unit: "count" },
        { name: "b", title: "B", unit: "count" },
        { name: "difference", title: "B - A", unit: "count" },
        { name: "relative", title: "relative", unit: "ratio" },
      ],
      rows: METRICS.map((metric): Cell[] => {
        const [from, to] = [metric.of(a), metric.of(b)];
        const inUnit = (value: number) => ({ value, low: null, high: null, unit: metric.unit });
        const change = from === null || to === null ? null : to - from;
        return [
          metric.title,
          from === null ? null : inUnit(from),
          to === null ? null : inUnit(to),
          change === null ? null : inUnit(change),
          change === null || from === null || from === 0 ? null : change / from,
        ];
      }),
    },
    isTableOpen: true,
  };
}
