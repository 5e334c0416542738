import { formatBytes } from "../basics/units.js";
import { WORKLOAD_OPTIONS, workloadOf } from "./comparability.js";
import type { Configuration } from "./configurations.js";
import type { ResultHead } from "./metrics.js";

/**
 * What a reader of several results should know before a comparison, one sentence per entry. If
 * `memories` are given, every policy should have a result for each of them.
 */
export function findDoubts(
  configurations: readonly Configuration[],
  memories: readonly (number | null)[] = [],
): string[] {
  return [
    ...findDifferentWork(configurations),
    ...differentVersions(configurations.flatMap((each) => each.results)),
    ...oracles(configurations.flatMap((each) => each.results)),
    ...gaps(configurations, memories),
  ];
}

/** Differences between the inputs of runs, because of which their numbers are of different work. */
export function findDifferentWork(configurations: readonly Configuration[]): string[] {
  const results = configurations.flatMap((each) => each.results);
  return [
    ...differentWorkloads(results),
    ...differentArrivals(results),
    ...differentSeeds(configurations),
  ];
}

function oracles(results: readonly ResultHead[]): string[] {
  const texts = results.flatMap(({ run }) =>
    (run.oracles ?? []).map(
      ({ family, policy, knows }) =>
        `${run.policy.preset} is an oracle, which no real machine could be: ${family} ${policy} knows the future, because ${knows}.`,
    ),
  );
  return distinct(texts);
}

function differentWorkloads(results: readonly ResultHead[]): string[] {
  return WORKLOAD_OPTIONS.flatMap((name) => {
    const values = distinct(results.map(({ run }) => String(run.options[name] ?? "all")));
    if (values.length === 1) return [];
    return [
      `The runs differ in ${name} (${values.join(", ")}): their numbers are of different work.`,
    ];
  });
}

function differentArrivals(results: readonly ResultHead[]): string[] {
  const first = new Map<string, ResultHead>();
  for (const result of results) {
    const key = `${result.run.seed} ${workloadOf(result.run.options)}`;
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

function differentVersions(results: readonly ResultHead[]): string[] {
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

function differentSeeds(configurations: readonly Configuration[]): string[] {
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
  return `${label} at ${formatBytes(memoryBytes ?? Number.POSITIVE_INFINITY)}`;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
