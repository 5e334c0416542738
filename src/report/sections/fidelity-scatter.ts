import type { Fidelity, FidelityPolicy, FidelityRun } from "../../results/fidelity-result.js";
import type { LinePoint } from "../charts/line-chart.js";
import { formatValue } from "../format-cell.js";
import type { Figure, Section } from "../section.js";
import type { Cell, Unit } from "../table.js";

const MOST_TICKS = 6;

interface Quantity {
  readonly title: string;
  readonly of: (run: FidelityRun) => number;
}

interface Plot {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly quantities: readonly Quantity[];
}

const PLOTS: readonly Plot[] = [
  {
    id: "times",
    title: "startup: mean, p50, p90 and p99",
    unit: "microseconds",
    quantities: (["mean", "p50", "p90", "p99"] as const).map((name) => ({
      title: `startup ${name}`,
      of: ({ timesUs }) => timesUs.startup[name],
    })),
  },
  {
    id: "memory",
    title: "memory: mean and peak",
    unit: "bytes",
    quantities: [
      { title: "memory mean", of: ({ memory }) => memory.meanBytes },
      { title: "memory peak", of: ({ memory }) => memory.peakBytes },
    ],
  },
];

/** Simulated against real values, with the line on which both are equal. */
export function scatterSection({ policies }: Fidelity): Section {
  return {
    id: "scatter",
    title: "Simulated against real",
    text: "Each mark is one quantity under one policy: the mean of the real runs across, that of the simulated runs up. On the dashed line both are equal; above it the simulator is too slow or too large.",
    figures: PLOTS.flatMap((plot) => figureOf(plot, policies)),
    table: {
      id: "scatter",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "quantity", title: "quantity", unit: "text" },
        { name: "real", title: "real", unit: "count" },
        { name: "sim", title: "simulated", unit: "count" },
        { name: "relative", title: "simulated less real", unit: "ratio" },
      ],
      rows: PLOTS.flatMap(({ quantities, unit }) =>
        policies.flatMap((policy) =>
          quantities.map(({ title, of }): Cell[] => {
            const [real, sim] = [meanOf(policy.real, of), meanOf(policy.sim, of)];
            const inUnit = (value: number) => ({ value, low: null, high: null, unit });
            const relative = real === 0 ? null : (sim - real) / real;
            return [policy.label, title, inUnit(real), inUnit(sim), relative];
          }),
        ),
      ),
    },
    isTableOpen: false,
  };
}

function figureOf(
  { id, title, unit, quantities }: Plot,
  policies: readonly FidelityPolicy[],
): Figure[] {
  const lines = policies.map((policy, style) => ({
    label: policy.label,
    style,
    points: quantities
      .map((quantity) => pointOf(policy, quantity, unit))
      .filter(({ x, y }) => x > 0 && y > 0),
  }));
  const values = lines.flatMap(({ points }) => points.flatMap(({ x, y }) => [x, y]));
  if (values.length === 0) return [];
  const domain = [Math.min(...values) / 1.3, Math.max(...values) * 1.3] as const;
  const format = (value: number) => formatValue(value, unit);
  const ticks = unit === "bytes" ? { ticks: powersOfTwo(domain) } : {};
  const axis = { kind: "log" as const, domain, format, ...ticks };
  return [
    {
      id: `scatter-${id}`,
      caption: title,
      isHalf: true,
      chart: {
        kind: "lines",
        data: lines,
        options: {
          label: `${title}, simulated against real, one mark per quantity and policy`,
          shape: "marks",
          guide: domain.map((value) => ({ x: value, y: value, tip: "simulated = real" })),
          x: { ...axis, title: "real (log scale)" },
          y: { ...axis, title: "simulated (log scale)" },
        },
      },
    },
  ];
}

/** At most six powers of two in a range, because sizes in binary units are round there. */
function powersOfTwo([from, to]: readonly [number, number]): number[] {
  const [first, last] = [Math.ceil(Math.log2(from)), Math.floor(Math.log2(to))];
  const step = Math.ceil((last - first + 1) / MOST_TICKS);
  const count = Math.floor((last - first) / step) + 1;
  return Array.from({ length: count }, (_, at) => 2 ** (first + at * step));
}

function pointOf(policy: FidelityPolicy, { title, of }: Quantity, unit: Unit): LinePoint {
  const [x, y] = [meanOf(policy.real, of), meanOf(policy.sim, of)];
  const [real, sim] = [formatValue(x, unit), formatValue(y, unit)];
  return { x, y, tip: `${policy.label}, ${title}: real ${real}, simulated ${sim}` };
}

function meanOf(runs: readonly FidelityRun[], of: Quantity["of"]): number {
  return runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
}
