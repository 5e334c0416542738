import type { Configuration } from "../../results/configurations.js";
import { LOST, METRICS, type Metric } from "../../results/metrics.js";
import type { AxisOptions } from "../charts/axis.js";
import { type Band, type Line, type LinePoint, mergeEqualLines } from "../charts/line-chart.js";
import { configurationCells, configurationColumns, estimate } from "../configuration-cells.js";
import type { Dataset } from "../dataset.js";
import { formatCell, formatMemory, formatValue } from "../format-cell.js";
import type { Figure, LeftOut, Section } from "../section.js";

/** What is drawn against memory: the hit ratios of the tiers, then what they are for. */
const DRAWN = [
  { name: "handlerHitRatio", title: "hits of the handler cache (% of invocations)" },
  { name: "importHitRatio", title: "hits of the import cache (% of lookups)" },
  { name: "installHitRatio", title: "hits of the install cache (% of lookups)" },
  { name: "coldRatio", title: "cold starts (% of invocations)" },
  { name: "zygoteRatio", title: "starts from Zygotes (% of invocations)" },
  { name: "startupMeanUs", title: "mean startup" },
  { name: "startupP99Us", title: "99th percentile of startup" },
  { name: "lostRatio", title: "lost (% of invocations)" },
].map(({ name, title }) => ({ metric: metricOf(name), title }));
const CAPTIONS: Readonly<Record<string, string>> = {
  handlerHitRatio: "Handler cache: hit ratio",
  importHitRatio: "Import cache (Zygotes): hit ratio",
  installHitRatio: "Install cache: hit ratio",
  coldRatio: "Cold starts",
  zygoteRatio: "Starts from Zygotes",
  startupMeanUs: "Mean startup",
  startupP99Us: "99th percentile of startup",
  lostRatio: "Lost invocations",
};
/** From this ratio of the greatest to the least value on, an axis of times is logarithmic. */
const WIDE = 30;

/** Hit ratios, starts, startup and losses against memory: one curve per policy. */
export function curvesSection(dataset: Dataset): Section | LeftOut {
  const { configurations, maxLost } = dataset;
  const places = placesOf(configurations);
  if (places.at.length < 2) return { leftOut: "curves against memory (there is one memory size)" };
  const drawn = DRAWN.map((each) => figureOf(each, dataset, places));
  const empty = DRAWN.filter((_, at) => drawn[at] === undefined);
  const left =
    empty.length === 0
      ? ""
      : ` Not drawn, because it is 0 or absent everywhere: ${empty.map(({ metric }) => CAPTIONS[metric.name]?.toLowerCase()).join(", ")}.`;
  return {
    id: "memory-curve",
    title: "Against memory",
    text: `Means over the seeds; bars show the 95 % interval. A curve is broken, its mark is hollow and its size grey, if more than ${formatValue(maxLost, "ratio")} of the invocations were lost. Equal curves are drawn once, with all their names. An axis of hits may begin above 0; broken marks below it are left out and counted in the drawing.${left}${boundText(dataset)}`,
    figures: drawn.flatMap((figure) => figure ?? []),
    table: {
      id: "memory-curve",
      columns: [
        ...configurationColumns,
        ...DRAWN.map(({ metric: { name, title, unit } }) => ({ name, title, unit })),
      ],
      rows: configurations.map((each) => [
        ...configurationCells(each),
        ...DRAWN.map(({ metric }) => estimate(each, metric)),
      ]),
    },
    isTableOpen: false,
  };
}

function boundText({ bounds: [bound] }: Dataset): string {
  if (bound === undefined) return "";
  return ` The dashed line above the hits of the handler cache is what no policy can pass, with seed ${bound.seed}. ${bound.method}`;
}

interface Places {
  /** The memory axis: unlimited memory is at twice the largest limit. */
  readonly at: readonly number[];
  of(memoryBytes: number | null): number;
  format(place: number): string;
}

function placesOf(configurations: readonly Configuration[]): Places {
  const largest = Math.max(1, ...configurations.flatMap(({ memoryBytes }) => memoryBytes ?? []));
  const of = (memoryBytes: number | null) => memoryBytes ?? 2 * largest;
  const at = [...new Set(configurations.map((each) => of(each.memoryBytes)))];
  at.sort((a, b) => a - b);
  return { at, of, format: (bytes) => formatMemory(bytes > largest ? null : bytes) };
}

/** undefined: there is nothing to see, since every value is 0 or absent. */
function figureOf(
  { metric, title }: (typeof DRAWN)[number],
  dataset: Dataset,
  places: Places,
): Figure | undefined {
  const lines = mergeEqualLines(
    dataset.labels.map((label, style) => ({
      label,
      style,
      points: pointsOf(label, metric, dataset, places),
    })),
  ).filter(({ points }) => points.length > 0);
  if (lines.every(({ points }) => points.every(({ y }) => y === 0))) return undefined;
  const guide = metric.name === "handlerHitRatio" ? boundPoints(dataset, places) : [];
  const y = valueAxis(metric, title, [...lines, { label: "", style: 0, points: guide }]);
  const shown = withinAxis(lines, y);
  return {
    id: `curve-${metric.name}`,
    caption: CAPTIONS[metric.name] ?? metric.title,
    isHalf: true,
    chart: {
      kind: "lines",
      data: shown,
      options: {
        label: `${CAPTIONS[metric.name]} against memory, one curve per policy`,
        shape: "lines",
        x: {
          title: "memory limit (log scale)",
          kind: "log",
          domain: [places.at[0], places.at.at(-1)!],
          ticks: places.at,
          format: places.format,
        },
        y,
        ...(guide.length > 0 && { guide }),
        bands: bandsOf(lines, shown, places),
      },
    },
  };
}

/**
 * The most hits that any policy can have at the memory sizes of the runs. If one of them forks
 * Zygotes, its containers share memory, so the bound is that of forked containers.
 */
function boundPoints({ bounds: [bound], results }: Dataset, places: Places): LinePoint[] {
  if (bound === undefined) return [];
  const areForked = results.some(({ run }) => run.policy.zygote.name !== "none");
  return bound.points
    .filter(({ memoryBytes }) => places.at.includes(places.of(memoryBytes)))
    .map(({ memoryBytes, hitRatio, forkedHitRatio }) => {
      const y = areForked ? forkedHitRatio : hitRatio;
      const tip = `bound at ${formatMemory(memoryBytes)}: ${formatValue(y, "ratio")}, no policy has more`;
      return { x: places.of(memoryBytes), y, tip };
    });
}

/**
 * The memory sizes at which a curve is broken, each up to the middle between it and its neighbours,
 * and adjacent ones as one band. The first band says what it is, and how many marks are missing.
 */
function bandsOf(lines: readonly Line[], shown: readonly Line[], { at }: Places): Band[] {
  const count = (all: readonly Line[]) => all.reduce((sum, { points }) => sum + points.length, 0);
  const missing = count(lines) - count(shown);
  const broken = new Set(
    lines.flatMap(({ points }) => points.flatMap(({ x, isBroken }) => (isBroken ? [x] : []))),
  );
  const between = (a: number, b: number) => Math.sqrt(at[a] * at[b]); // the axis is logarithmic
  const bands: Band[] = [];
  at.forEach((place, index) => {
    if (!broken.has(place)) return;
    const from = between(Math.max(0, index - 1), index);
    const to = between(index, Math.min(at.length - 1, index + 1));
    const last = bands.at(-1);
    if (last?.to === from) bands[bands.length - 1] = { ...last, to };
    else bands.push({ from, to, texts: bands.length === 0 ? noteOf(missing) : [] });
  });
  return bands;
}

function noteOf(missing: number): string[] {
  if (missing === 0) return ["hollow: not compared"];
  return ["hollow: not compared", `${missing} of them below the axis`];
}

function pointsOf(label: string, metric: Metric, dataset: Dataset, places: Places) {
  return dataset.configurations
    .filter((each) => each.label === label)
    .flatMap((each) => {
      const cell = estimate(each, metric);
      if (cell === null) return [];
      const { value, low, high } = cell;
      const isBroken = metric !== LOST && dataset.overloaded.has(each);
      const broken = isBroken ? ", not comparable" : "";
      const place = formatMemory(each.memoryBytes);
      const tip = `${label} at ${place}: ${formatCell(cell, metric.unit)} ${metric.title}${broken}`;
      return [{ x: places.of(each.memoryBytes), y: value, low, high, tip, isBroken }];
    });
}

/** From 0, or on a log scale if times are far apart; such an axis has its own place for 0. */
function valueAxis(metric: Metric, title: string, lines: readonly Line[]): AxisOptions {
  const all = lines.flatMap(({ points }) => points);
  const values = all.flatMap(({ y, low = null, high = null }) => [y, low ?? y, high ?? y]);
  const least = Math.min(...all.map(({ y }) => y).filter((y) => y > 0));
  const most = Math.max(...values);
  const format = (value: number) => formatValue(value, metric.unit);
  if (metric.unit === "ratio") {
    const from = metric.better === "higher" ? beginOf(all) : 0;
    return { title, kind: "linear", domain: [from, Math.min(1, 1.05 * most) || 1], format };
  }
  if (most / least < WIDE) return { title, kind: "linear", domain: [0, 1.05 * most || 1], format };
  const logTitle = `${title} (log scale)`;
  if (values.every((value) => value > 0)) {
    const domain = [Math.min(...values) / 1.3, most * 1.3] as const;
    return { title: logTitle, kind: "log", domain, format };
  }
  const constant = 10 ** Math.floor(Math.log10(least));
  return { title: logTitle, kind: "symlog", constant, domain: [0, most * 1.3], format };
}

/** Where the axis of a hit ratio begins: at 0, or higher if all that is comparable is above a half. */
function beginOf(points: readonly LinePoint[]): number {
  const sound = points.filter(({ isBroken = false }) => !isBroken);
  const least = Math.min(...sound.map(({ y, low = null }) => low ?? y));
  return sound.length > 0 && least > 0.5 ? Math.floor(10 * least) / 10 : 0;
}

/** Lines without the broken points that are outside the axis, because a drawing would move them to its edge. */
function withinAxis(lines: readonly Line[], { domain: [from, to] }: AxisOptions): Line[] {
  return lines.map((line) => ({
    ...line,
    points: line.points.filter(({ y, isBroken }) => !isBroken || (y >= from && y <= to)),
  }));
}

function metricOf(name: string): Metric {
  return METRICS.find((metric) => metric.name === name)!;
}
