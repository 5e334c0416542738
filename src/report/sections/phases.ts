import type { Result } from "../../results/result.js";
import type { Dataset } from "../dataset.js";
import { formatValue } from "../format-cell.js";
import { areaStyle } from "../palette.js";
import type { Section } from "../section.js";

const PHASES = [
  { name: "queue", style: areaStyle(7) },
  { name: "install", style: areaStyle(3, "rising") },
  { name: "create", style: areaStyle(1) },
  { name: "fork", style: areaStyle(4, "falling") },
  { name: "import", style: areaStyle(0) },
  { name: "load", style: areaStyle(2, "dotted") },
  { name: "resume", style: areaStyle(5) },
] as const;
const REST = { name: "other", style: areaStyle(6, "crossed") };

/** Where startup time went: each phase's part of the mean startup. */
export function phasesSection({ details, detailText }: Dataset): Section {
  const layers = [...PHASES, REST];
  const present = layers.filter((_, at) =>
    details.some(({ result }) => (partsOf(result)[at] ?? 0) > 0),
  );
  const bars = details.map(({ label, result }) => ({
    label,
    note: formatValue(result.timesUs.startup.mean, "microseconds"),
    parts: partsOf(result).filter((_, at) => present.includes(layers[at])),
  }));
  const longest = Math.max(1, ...bars.map(({ parts }) => parts.reduce((sum, us) => sum + us, 0)));
  return {
    id: "phases",
    title: "Startup time by phase",
    text: `${detailText} What each phase adds to the mean startup of all invocations that started: its total time divided by all starts. Other: waits within a provisioning, such as for memory or for a Zygote that is being created.`,
    figures: [
      {
        id: "phases",
        caption: null,
        chart: {
          kind: "stacks",
          data: bars,
          options: {
            label: "Mean startup time by phase, one bar per policy",
            layers: present,
            x: {
              title: "mean startup time",
              kind: "linear",
              domain: [0, longest],
              format: (us) => formatValue(us, "microseconds"),
            },
          },
        },
      },
    ],
    table: {
      id: "phases",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "startupMeanUs", title: "startup mean", unit: "microseconds" },
        ...layers.map(({ name }) => ({ name, title: name, unit: "microseconds" as const })),
      ],
      rows: details.map(({ label, result }) => [
        label,
        result.timesUs.startup.mean,
        ...partsOf(result),
      ]),
    },
    isTableOpen: false,
  };
}

function partsOf({ timesUs }: Result): number[] {
  const starts = timesUs.startup.count;
  if (starts === 0) return [...PHASES.map(() => 0), 0];
  const parts = PHASES.map(({ name }) => (timesUs[name].mean * timesUs[name].count) / starts);
  const named = parts.reduce((sum, us) => sum + us, 0);
  // A difference of rounding is not a phase.
  const rest = timesUs.startup.mean - named;
  return [...parts, rest > 1e-9 * timesUs.startup.mean ? rest : 0];
}
