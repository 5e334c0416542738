import type { Configuration } from "../results/configurations.js";
import { METRICS, type Metric } from "../results/metrics.js";
import { type Ranking, rank } from "../results/ranking.js";
import type { Result } from "../results/result.js";
import { estimate } from "./configuration-cells.js";
import type { Dataset } from "./dataset.js";
import { formatCell, formatMemory } from "./format-cell.js";

/** What decides which policy is better, in the order in which a reader asks. */
export const QUESTIONS = [
  { metric: metricOf("startupMeanUs"), best: "Lowest mean startup" },
  { metric: metricOf("startupP99Us"), best: "Lowest 99th percentile of startup" },
  { metric: metricOf("handlerHitRatio"), best: "Highest hit ratio of the handler cache" },
  { metric: metricOf("wastedByteSeconds"), best: "Least idle memory" },
] as const;

type Group = readonly Configuration<Result>[];

/**
 * Which policy is best by each measure, at which size, by how much, and how sure that is: one
 * sentence per measure, and one per set of policies that made the same decisions.
 */
export function findFindings(dataset: Dataset): string[] {
  if (dataset.kind === "run") return [];
  const groups = dataset.groups
    .map((group) => competitorsOf(group, dataset.overloaded))
    .filter((group) => group.length > 0);
  if (groups.length === 0) return ["No two configurations of one memory size can be compared."];
  return [
    ...QUESTIONS.map(({ metric, best }) => `${best}: ${bestBySize(groups, metric)}.`),
    ...equalDecisions(groups),
  ];
}

/** The configurations of a group that may be compared: none, or at least two that lost little. */
export function competitorsOf(group: Group, overloaded: Dataset["overloaded"]): Group {
  const sound = group.filter((each) => !overloaded.has(each));
  return sound.length > 1 ? sound : [];
}

/** `hybrid-histogram at 16 GiB (4.54 ms, 578 us less than openwhisk); not decided at 8 GiB`. */
function bestBySize(groups: readonly Group[], metric: Metric): string {
  const decided = new Map<string, { readonly sizes: string[]; readonly by: string }>();
  const open: string[] = [];
  const uncertain: string[] = [];
  for (const group of groups) {
    const size = formatMemory(group[0].memoryBytes);
    const ranking = rank(group, metric);
    const names = leadersText(ranking, group);
    uncertain.push(...uncertainTexts(ranking, metric).map((text) => `${text} at ${size}`));
    if (names === undefined) open.push(size);
    else if (decided.has(names)) decided.get(names)!.sizes.push(size);
    else decided.set(names, { sizes: [size], by: leadText(ranking, metric) });
  }
  const parts = [...decided].map(([names, { sizes, by }]) => {
    const where = sizes.length > 1 ? `${by} at ${sizes[0]}` : by;
    return `${names} at ${joined(sizes)} (${where})`;
  });
  if (uncertain.length > 0) parts.push(`too uncertain to rank: ${joined(uncertain)}`);
  const seeds = Math.max(...groups.flat().map(({ results }) => results.length));
  const why = seeds < 2 ? ", because one seed has no interval" : "";
  if (open.length > 0) parts.push(`not decided at ${joined(open)}${why}`);
  return parts.join("; ");
}

/** The best policies, the one with the best mean first; undefined: the seeds do not distinguish any. */
export function leadersText({ leaders }: Ranking, group: Group): string | undefined {
  if (leaders.length === 0) return undefined;
  const isLeading = new Set(leaders.map(({ label }) => label));
  const labels = leaders.map(({ label }) => label);
  const others = group.map(({ label }) => label).filter((label) => !isLeading.has(label));
  if (labels.length > 2 && others.length < labels.length) return `all except ${joined(others)}`;
  return joined(labels);
}

/**
 * The leader's value, and how much better it is than the next one: `4.54 ms, 578 us less than x`. If
 * there are several leaders, it says whose value that is.
 */
export function leadText({ leaders, next }: Ranking<Configuration>, metric: Metric): string {
  const [first] = leaders;
  if (first === undefined || next === undefined) return "";
  const { mean, low, high } = next.difference;
  const reach = low === null || high === null ? 0 : (high - low) / 2;
  const size = Math.abs(mean);
  const apart = formatCell({ value: size, low: size - reach, high: size + reach }, metric.unit);
  const shown = metric.unit === "ratio" ? apart.replace(" %", " points") : apart;
  const value = formatCell(estimate(first, metric), metric.unit);
  const whose = leaders.length > 1 ? `${first.label} has ` : "";
  return `${whose}${value}, ${shown} ${mean > 0 ? "less" : "more"} than ${next.configuration.label}`;
}

/** The policies that vary too much to be ranked, each with its value: `sock (13 ± 8.4 ms)`. */
export function uncertainTexts({ uncertain }: Ranking, metric: Metric): string[] {
  return uncertain.map(
    (each) => `${each.label} (${formatCell(estimate(each, metric), metric.unit)})`,
  );
}

/** Policies that made the same decisions with every seed. */
function equalDecisions(groups: readonly Group[]): string[] {
  const sizes = new Map<string, string[]>();
  for (const group of groups) {
    const byDigests = new Map<string, string[]>();
    for (const { label, results } of group) {
      const key = results.map(({ run }) => `${run.seed} ${run.digest}`).join();
      byDigests.set(key, [...(byDigests.get(key) ?? []), label]);
    }
    for (const labels of byDigests.values()) {
      if (labels.length < 2) continue;
      const names = joined(labels);
      sizes.set(names, [...(sizes.get(names) ?? []), formatMemory(group[0].memoryBytes)]);
    }
  }
  return [...sizes].map(([names, at]) => `Same decisions: ${names} at ${joined(at)}.`);
}

export function joined(names: readonly string[]): string {
  if (names.length < 2) return names.join();
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function metricOf(name: string): Metric {
  return METRICS.find((each) => each.name === name)!;
}
