import type { Measurement, Spread } from "../../results/bench-result.js";
import { formatSample } from "../../results/bench-text.js";
import type { AxisOptions } from "../charts/axis.js";
import type { Figure, Section } from "../section.js";
import type { Cell, Estimate, Unit } from "../table.js";

/** One drawing: the samples of each contender, along a parameter if one varies. */
export interface MetricGroup {
  readonly id: string;
  readonly bench: string;
  readonly metric: string;
  readonly rows: readonly Measurement[];
}

type Measured = Measurement & { readonly spread: Spread };

const UNITS: Readonly<Record<Measurement["unit"], Unit>> = {
  us: "microseconds",
  "1/s": "per-second",
  bytes: "bytes",
};
/** From this ratio of the greatest to the least value on, an axis of values is logarithmic. */
const LOG_RANGE = 20;
/** From this ratio of the greatest to the least value on, a parameter's axis is logarithmic. */
const LOG_STEPS = 4;

/** Bars with whiskers, or lines if a parameter varies. Every number is in the table. */
export function metricSection(group: MetricGroup): Section {
  const { id, bench, metric, rows } = group;
  const shown = rows.filter((row): row is Measured => row.spread !== null);
  const contenders = [...new Set(rows.map(({ contender }) => contender))];
  const isAlong = shown.some(({ at }) => at !== null);
  const figures = isAlong
    ? [...barsAtFirst(group, shown, contenders), lines(group, shown, contenders)]
    : [bars(group, shown, contenders, null)];
  return {
    id,
    title: `${bench}: ${metric}`,
    text:
      "Medians. Whiskers over bars go from the median to the 90th percentile" +
      (isAlong ? "; those on lines show the median's 95 % interval." : "."),
    figures: shown.length === 0 ? [] : figures,
    table: {
      id,
      columns: [
        { name: "contender", title: "contender", unit: "text" },
        { name: "version", title: "version", unit: "text" },
        { name: "at", title: rows[0].parameter ?? "at", unit: "count" },
        ...SPREAD_COLUMNS.map((name) => ({ name, title: name, unit: UNITS[rows[0].unit] })),
        { name: "n", title: "samples", unit: "count" },
        { name: "state", title: "state", unit: "text" },
        { name: "does", title: "one sample", unit: "text" },
      ],
      rows: rows.map(cellsOf),
    },
    isTableOpen: !isAlong,
  };
}

const SPREAD_COLUMNS = ["p50", "p90", "p99", "mean"] as const;

function cellsOf({ contender, version, at, spread, status, reason, does }: Measurement): Cell[] {
  const state = reason === null ? status : `${status}: ${reason}`;
  const numbers = SPREAD_COLUMNS.map((name): Cell => {
    if (spread === null) return null;
    if (name !== "p50") return spread[name];
    const median: Estimate = { value: spread.p50, low: spread.low, high: spread.high };
    return median;
  });
  return [contender, version, at, ...numbers, spread?.n ?? null, state, does];
}

/** Times at the parameter's least value, which are hard to read from a line. */
function barsAtFirst(
  group: MetricGroup,
  shown: readonly Measured[],
  contenders: readonly string[],
): Figure[] {
  const first = Math.min(...shown.flatMap(({ at }) => at ?? []));
  const rows = shown.filter(({ at, unit }) => at === first && unit === "us");
  if (rows.length === 0) return [];
  return [bars(group, rows, contenders, `${rows[0].parameter}: ${first}`)];
}

function bars(
  { id, metric }: MetricGroup,
  shown: readonly Measured[],
  contenders: readonly string[],
  caption: string | null,
): Figure {
  const drawn = shown.map((row) => ({
    label: row.contender,
    style: contenders.indexOf(row.contender),
    value: row.spread.p50,
    low: row.spread.p50,
    high: row.spread.p90,
    note: formatSample(row.spread.p50, row.unit),
    tip: tipOf(row),
  }));
  const x = valueAxis(metric, shown, ({ p50, p90 }) => [p50, p90]);
  return {
    id: `${id}-bars`,
    caption,
    chart: {
      kind: "whiskers",
      data: drawn,
      options: { label: `${metric}, one bar per contender`, x },
    },
  };
}

function lines(
  { id, metric }: MetricGroup,
  shown: readonly Measured[],
  contenders: readonly string[],
): Figure {
  const along = shown.filter(({ at }) => at !== null);
  const { parameter } = along[0];
  const values = along.map(({ at }) => at!);
  const { axis: x, placeOf } = parameterAxis(parameter!, values);
  const drawn = contenders.map((label, style) => ({
    label,
    style,
    points: along
      .filter(({ contender }) => contender === label)
      .map((row) => {
        const { p50, low, high } = row.spread;
        return { x: placeOf(row.at!), y: p50, low, high, tip: tipOf(row) };
      }),
  }));
  const caption = `along ${parameter}`;
  const options = { label: `${metric} ${caption}`, shape: "lines", x } as const;
  const y = valueAxis(metric, along, ({ low, high }) => [low, high]);
  return {
    id: `${id}-lines`,
    caption,
    chart: {
      kind: "lines",
      data: drawn.filter(({ points }) => points.length > 0),
      options: { ...options, y },
    },
  };
}

/**
 * The parameter's axis, on a log scale if the range needs one. There, 0 has its own place before
 * the other values.
 */
function parameterAxis(parameter: string, values: readonly number[]) {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const least = sorted.find((value) => value > 0) ?? 1;
  const isLog = sorted.at(-1)! / least >= LOG_STEPS;
  const zeroPlace = least / LOG_STEPS;
  const placeOf = (value: number) => (isLog && value === 0 ? zeroPlace : value);
  const ticks = sorted.map(placeOf);
  const axis: AxisOptions = {
    title: `${parameter}${isLog ? " (log scale)" : ""}`,
    kind: isLog ? "log" : "linear",
    domain: [ticks[0], ticks.at(-1)!],
    ticks,
    format: (place) => (isLog && place === zeroPlace ? "0" : place.toLocaleString("en-US")),
  };
  return { axis, placeOf };
}

/**
 * The values' axis: from 0, or on a log scale if the least and the greatest value drawn are far
 * apart.
 */
function valueAxis(
  metric: string,
  shown: readonly Measured[],
  endsOf: (spread: Spread) => readonly number[],
): AxisOptions {
  const { unit } = shown[0];
  const ends = shown.flatMap(({ spread }) => endsOf(spread));
  const least = Math.min(...ends.filter((value) => value > 0));
  const most = Math.max(...ends);
  const format = (value: number) => formatSample(value, unit);
  if (most / least < LOG_RANGE) {
    return { title: metric, kind: "linear", domain: [0, 1.05 * most || 1], format };
  }
  const decade = 10 ** Math.floor(Math.log10(least));
  return { title: `${metric} (log scale)`, kind: "log", domain: [decade, most], format };
}

function tipOf({ contender, at, parameter, spread, unit }: Measured): string {
  const place = at === null ? "" : ` at ${at.toLocaleString("en-US")} ${parameter}`;
  const [p50, low, high, p90, p99] = [
    spread.p50,
    spread.low,
    spread.high,
    spread.p90,
    spread.p99,
  ].map((value) => formatSample(value, unit));
  return `${contender}${place}: p50 ${p50} (${low} to ${high}), p90 ${p90}, p99 ${p99}, n ${spread.n}`;
}
