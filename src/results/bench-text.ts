import { formatBytes, formatUs } from "../basics/units.js";
import type { BenchRatio, BenchResult, Measurement, Spread } from "./bench-result.js";
import { formatCount, textTable } from "./text-table.js";

/**
 * A bench's result as tables: one per metric, then the ratios and warnings. `width`: columns of the
 * terminal; undefined: as wide as needed.
 */
export function benchText(result: BenchResult, width?: number): string {
  const { bench, measurements, ratios, warnings, wallUs, machine } = result;
  const head = `${bench}: ${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, in ${formatUs(wallUs)}\n`;
  return [
    head,
    ...groupByMetric(measurements).map(([metric, rows]) => metricText(metric, rows, width)),
    ratiosText(ratios, width),
    warnings.map((text) => `warning: ${text}\n`).join(""),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** Ratios of our contenders to others as a table; empty if there are no ratios. */
export function ratiosText(ratios: readonly BenchRatio[], width?: number): string {
  if (ratios.length === 0) return "";
  const rows = ratios.map(({ title, ours, peer, ratio, low, high, paper, aim }) => [
    title,
    ours,
    peer,
    factor(ratio),
    low === null || high === null ? "-" : `${factor(low)} to ${factor(high)}`,
    factor(paper),
    factor(aim),
    verdict(ratio, aim),
  ]);
  const head = ["times better", "ours", "against", "ratio", "interval", "paper", "aim", ""];
  return textTable([head, ...rows], { width });
}

/** Measurements by metric, in the order in which metrics first appear. */
export function groupByMetric(
  measurements: readonly Measurement[],
): readonly (readonly [metric: string, rows: readonly Measurement[]])[] {
  const groups = new Map<string, Measurement[]>();
  for (const each of measurements) {
    const group = groups.get(each.metric);
    if (group === undefined) groups.set(each.metric, [each]);
    else group.push(each);
  }
  return [...groups];
}

/** A sample's value with its unit. */
export function formatSample(value: number, unit: Measurement["unit"]): string {
  switch (unit) {
    case "us":
      return formatUs(value);
    case "bytes":
      return formatBytes(value);
    case "1/s":
      return `${value >= 100 ? formatCount(value) : Number(value.toPrecision(3))} /s`;
  }
}

function metricText(metric: string, rows: readonly Measurement[], width?: number): string {
  const { parameter } = rows[0];
  const along = parameter === null ? [] : [parameter];
  const lines = rows.map((row) => [
    row.contender,
    ...along.map(() => (row.at === null ? "-" : formatCount(row.at))),
    ...(row.spread === null ? [row.status] : spreadCells(row.spread, row.unit)),
  ]);
  const head = [metric, ...along, "p50", "95 % interval", "p90", "p99", "mean", "n"];
  const reasons = new Set(
    rows.flatMap(({ contender, reason, status }) =>
      reason === null ? [] : [`  ${contender} ${status}: ${reason}\n`],
    ),
  );
  return textTable([head, ...lines], { width }) + [...reasons].join("");
}

function spreadCells(spread: Spread, unit: Measurement["unit"]): string[] {
  const { n, mean, p50, p90, p99, low, high } = spread;
  const [median, from, to, ...others] = [p50, low, high, p90, p99, mean].map((value) =>
    formatSample(value, unit),
  );
  return [median, `${from} to ${to}`, ...others, formatCount(n)];
}

function factor(value: number | null): string {
  return value === null ? "-" : `${Number(value.toPrecision(3))}x`;
}

function verdict(ratio: number | null, aim: number | null): string {
  if (ratio === null) return "not measured";
  if (aim === null) return "";
  return ratio >= aim ? "reached" : "missed";
}
