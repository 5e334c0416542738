import { BYTES_PER_GIB, BYTES_PER_MIB, US_PER_MINUTE } from "../../basics/units.js";
import type { Minute, Result } from "../../results/result.js";
import type { AreaPanel } from "../charts/area-panels.js";
import type { Dataset, Detail } from "../dataset.js";
import { formatMemory, formatValue } from "../format-cell.js";
import { areaStyle } from "../palette.js";
import type { Figure, Section } from "../section.js";

/** Most points in one drawing: a reader cannot see more. */
const MAX_POINTS = 90;
const TIERS = [
  { name: "running", field: "runningBytes", style: areaStyle(7) },
  { name: "handler cache", field: "handlerBytes", style: areaStyle(5, "rising") },
  { name: "import cache (Zygotes)", field: "zygoteBytes", style: areaStyle(4, "falling") },
] as const;

interface Reading {
  readonly atUs: number;
  readonly parts: readonly number[];
}

/** The memory of each tier over the run, in one drawing per policy. */
export function memoryOverTimeSection({ details, detailText }: Dataset): Section {
  const minutes = Math.max(1, ...details.map(({ result }) => stepOf(result)));
  const mean = minutes === 1 ? "" : ` Each point is the mean of ${minutes} minutes.`;
  return {
    id: "memory-over-time",
    title: "Memory by tier over time",
    text: `${detailText} Read at the end of every minute.${mean} Running: containers that are being created, run, or are being destroyed. The dashed line is the limit.`,
    figures: [figureOf(details)],
    table: {
      id: "memory-over-time",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "atUs", title: "time", unit: "microseconds" },
        ...TIERS.map(({ name, field }) => ({ name: field, title: name, unit: "bytes" as const })),
      ],
      rows: details.flatMap(({ label, result }) =>
        readingsOf(result).map(({ atUs, parts }) => [label, atUs, ...parts]),
      ),
    },
    isTableOpen: false,
  };
}

function figureOf(details: readonly Detail[]): Figure {
  const panels = mergeEqualPanels(details.map(panelOf));
  const sums = panels.flatMap(({ points }) => points.map(({ parts }) => sumOf(parts)));
  const highest = Math.max(1, ...sums);
  const limits = new Set(details.map(({ result }) => result.memory.limitBytes));
  const [limitBytes = null] = limits.size === 1 ? limits : [];
  const top = limitBytes !== null && limitBytes < 2 * highest ? limitBytes : highest;
  const unitBytes = top >= BYTES_PER_GIB ? BYTES_PER_GIB : BYTES_PER_MIB;
  const present = TIERS.filter((_, at) =>
    panels.some(({ points }) => points.some(({ parts }) => (parts[at] ?? 0) > 0)),
  );
  const isPresent = (_: number, at: number) => present.includes(TIERS[at]);
  return {
    id: "memory-over-time",
    caption: null,
    chart: {
      kind: "areas",
      data: panels.map((panel) => ({
        ...panel,
        points: panel.points.map((point) => ({ ...point, parts: point.parts.filter(isPresent) })),
      })),
      options: {
        label: "Memory by tier over time, one panel per policy",
        layers: present,
        limit: top === limitBytes ? limitBytes : null,
        x: timeAxis(Math.max(...details.map(({ result }) => result.run.spanUs))),
        y: {
          title: `memory (${unitBytes === BYTES_PER_GIB ? "GiB" : "MiB"})`,
          kind: "linear",
          domain: [0, top],
          ticks: [0, top / 2, top],
          format: (bytes) => formatValue(bytes / unitBytes, "count"),
        },
      },
    },
  };
}

function panelOf({ label, result }: Detail): AreaPanel {
  const points = readingsOf(result).map(({ atUs, parts }) => ({
    x: atUs,
    parts,
    tip: `${label}, minute ${atUs / US_PER_MINUTE}: ${TIERS.map(({ name }, at) => `${name} ${formatMemory(parts[at])}`).join(", ")}`,
  }));
  return { label, series: [label], points };
}

/** Panels with equal readings as one panel, named after all of them. */
function mergeEqualPanels(panels: readonly AreaPanel[]): readonly AreaPanel[] {
  const merged = new Map<string, AreaPanel>();
  for (const each of panels) {
    const key = JSON.stringify(each.points.map(({ x, parts }) => [x, parts]));
    const known = merged.get(key);
    const series = [...(known?.series ?? []), ...each.series];
    merged.set(key, { ...(known ?? each), label: series.join(" = "), series });
  }
  return [...merged.values()];
}

function sumOf(parts: readonly number[]): number {
  return parts.reduce((sum, part) => sum + part, 0);
}

function timeAxis(spanUs: number) {
  const minutes = Math.max(1, spanUs / US_PER_MINUTE);
  const everyMinutes = [1, 2, 5, 10, 30, 60, 120, 240].find((each) => minutes / each <= 4) ?? 1440;
  const ticks = Array.from(
    { length: Math.floor(minutes / everyMinutes) + 1 },
    (_, i) => i * everyMinutes * US_PER_MINUTE,
  );
  return {
    title: "time since the run's start (minutes)",
    kind: "linear" as const,
    domain: [0, Math.max(1, spanUs)] as const,
    ticks,
    format: (us: number) => String(us / US_PER_MINUTE),
  };
}

function stepOf({ timeline }: Result): number {
  return Math.max(1, Math.ceil(timeline.length / MAX_POINTS));
}

/** Means of several minutes each, so that there are at most MAX_POINTS points. */
function readingsOf(result: Result): Reading[] {
  const { timeline } = result;
  const step = stepOf(result);
  return Array.from({ length: Math.ceil(timeline.length / step) }, (_, i) => {
    const minutes = timeline.slice(i * step, (i + 1) * step);
    const parts = TIERS.map(({ field }) => meanOf(minutes, field));
    return { atUs: minutes.at(-1)!.atUs, parts };
  });
}

function meanOf(minutes: readonly Minute[], field: (typeof TIERS)[number]["field"]): number {
  return minutes.reduce((sum, minute) => sum + minute[field], 0) / minutes.length;
}
