import type { Configuration } from "../results/configurations.js";
import type { Result, RunOptions } from "../results/result.js";
import { formatMemory } from "./format-cell.js";

/** Settings that change what arrives, and what a start costs: runs that differ in them do not compete. */
const WORKLOAD_OPTIONS: readonly (keyof RunOptions)[] = [
  "functions",
  "fromMinute",
  "minutes",
  "speedup",
  "placement",
  "runTimes",
  "packages",
  "costs",
];

/** What a reader of several results should know before a comparison, one sentence per entry. */
export function findDoubts(
  configurations: readonly Configuration<Result>[],
  memories: readonly (number | null)[],
): string[] {
  const results = configurations.flatMap((each) => each.results);
  return [
    ...differentWorkloads(results),
    ...differentArrivals(results),
    ...differentVersions(results),
    ...differentSeeds(configurations),
    ...gaps(configurations, memories),
  ];
}

/** A text that is equal for runs of the same work, on any machine, with any policies and seed. */
export function workloadOf({ run }: Result): string {
  return JSON.stringify(WORKLOAD_OPTIONS.map((name) => run.options[name]));
}

function differentWorkloads(results: readonly Result[]): string[] {
  return WORKLOAD_OPTIONS.flatMap((name) => {
    const values = distinct(results.map(({ run }) => String(run.options[name] ?? "all")));
    if (values.length === 1) return [];
    return [
      `The runs differ in ${name} (${values.join(", ")}): their numbers are of different work.`,
    ];
  });
}

function differentArrivals(results: readonly Result[]): string[] {
  const first = new Map<string, Result>();
  for (const result of results) {
    const key = `${result.run.seed} ${workloadOf(result)}`;
    const known = first.get(key) ?? result;
    first.set(key, known);
    const [a, b] = [known.invocations.total, result.invocations.total];
    if (a === b) continue;
    return [
      `${known.run.id} had ${a} invocations and ${result.run.id} ${b} of the same trace and seed: the trace changed in between.`,
    ];
  }
  return [];
}

function differentVersions(results: readonly Result[]): string[] {
  const commits = distinct(results.map(({ run }) => `${run.version} (${run.commit})`));
  const changed = results.filter(({ run }) => run.commit.endsWith("-dirty")).length;
  return [
    ...(commits.length > 1
      ? [`The runs were made by different versions of socklab: ${commits.join(", ")}.`]
      : []),
    ...(changed > 0
      ? [`${changed} of ${results.length} runs were made by code with uncommitted changes.`]
      : []),
  ];
}

function differentSeeds(configurations: readonly Configuration<Result>[]): string[] {
  const seedsOf = ({ results }: Configuration) => results.map(({ run }) => run.seed).join(", ");
  const all = distinct(configurations.map(seedsOf));
  if (all.length === 1) return [];
  const [a, b] = all.map((seeds) => configurations.find((each) => seedsOf(each) === seeds)!);
  return [
    `Means are over different seeds: ${nameOf(a)} has ${seedsOf(a)}, ${nameOf(b)} has ${seedsOf(b)}.`,
  ];
}

function gaps(
  configurations: readonly Configuration[],
  memories: readonly (number | null)[],
): string[] {
  const labels = distinct(configurations.map(({ label }) => label));
  const has = new Set(configurations.map(nameOf));
  const missing = labels.flatMap((label) =>
    memories.map((memoryBytes) => nameOf({ label, memoryBytes })).filter((name) => !has.has(name)),
  );
  if (missing.length === 0) return [];
  const shown = missing.slice(0, 3).join("; ");
  return [
    `${missing.length} combinations of policy and memory have no result: ${shown}${missing.length > 3 ? "; ..." : ""}.`,
  ];
}

function nameOf({ label, memoryBytes }: Pick<Configuration, "label" | "memoryBytes">): string {
  return `${label} at ${formatMemory(memoryBytes)}`;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
