import { InputError } from "../basics/errors.js";
import type { Metric, ResultHead } from "./metrics.js";
import type { ResultPolicy, RunDescription } from "./run-schema.js";
import {
  type Interval,
  type IntervalMethod,
  meanInterval,
  type PairedDifference,
  pairedDifference,
} from "./statistics.js";

/** The setting that has the paths of a run's own policy files. */
const FILES = "policyFiles";

/** Results that differ only in their seed, by ascending seed. */
export interface Configuration<R extends ResultHead = ResultHead> {
  /**
   * The preset and the settings that distinguish it from other configurations of that preset,
   * without its memory.
   */
  readonly label: string;
  readonly memoryBytes: number | null;
  readonly results: readonly R[];
}

/** Every setting except the seed: name to value, as text. */
type Settings = ReadonlyMap<string, string>;

interface Group<R> {
  readonly settings: Settings;
  readonly run: RunDescription;
  readonly bySeed: Map<number, R>;
}

/**
 * Groups results that differ only in their seed. Groups are in the order of their first results.
 * Two results of one configuration and seed count once.
 *
 * Errors: InputError if the decisions of two such results differ.
 */
export function groupConfigurations<R extends ResultHead>(
  results: readonly R[],
): readonly Configuration<R>[] {
  const groups = new Map<string, Group<R>>();
  for (const result of results) {
    const settings = settingsOf(result.run);
    const key = JSON.stringify([...settings]);
    const group = groups.get(key) ?? { settings, run: result.run, bySeed: new Map<number, R>() };
    groups.set(key, group);
    checkSame(group.bySeed.get(result.run.seed), result);
    if (!group.bySeed.has(result.run.seed)) group.bySeed.set(result.run.seed, result);
  }
  const all = [...groups.values()];
  return all.map((group) => ({
    label: labelOf(group, all),
    memoryBytes: group.run.memoryBytes,
    results: [...group.bySeed.values()].toSorted((a, b) => a.run.seed - b.run.seed),
  }));
}

/** The metric's mean over the seeds; null if a result does not have the metric. */
export function summarise(
  { results }: Configuration,
  metric: Metric,
  method: IntervalMethod = "t",
): Interval | null {
  const values = results.map((result) => metric.of(result));
  return isComplete(values) ? meanInterval(values, method) : null;
}

/**
 * The metric's mean difference `configuration - base` over the seeds that both have; null if they
 * share no seed, or one of these results does not have the metric.
 */
export function compare(
  configuration: Configuration,
  base: Configuration,
  metric: Metric,
  method: IntervalMethod = "t",
): PairedDifference | null {
  const bases = new Map(base.results.map((result) => [result.run.seed, result]));
  const common = configuration.results.filter(({ run }) => bases.has(run.seed));
  const values = common.map((result) => metric.of(result));
  const baseValues = common.map(({ run }) => metric.of(bases.get(run.seed)!));
  if (values.length === 0 || !isComplete(values) || !isComplete(baseValues)) return null;
  return pairedDifference(values, baseValues, method);
}

function isComplete(values: readonly (number | null)[]): values is readonly number[] {
  return values.every((value) => value !== null);
}

function checkSame(first: ResultHead | undefined, second: ResultHead): void {
  if (first === undefined || first.run.digest === second.run.digest) return;
  throw new InputError(
    `two results of one configuration and seed differ: ${first.run.id} (commit ${first.run.commit}) and ` +
      `${second.run.id} (commit ${second.run.commit}): did the trace, a file or socklab change in between? Give one of the two`,
  );
}

function settingsOf(run: RunDescription): Settings {
  const { preset, ...choices } = run.policy;
  const { trace, backend, memoryBytes, diskBytes, cores } = run;
  const families = Object.entries(choices).flatMap(([family, choice]) => nameAll(family, choice));
  const { index, policyFiles } = run.options;
  const options = {
    ...run.options,
    index: index ?? "none",
    [FILES]: policyFiles ?? "none",
  };
  const machine = Object.entries({ trace, backend, memoryBytes, diskBytes, cores, ...options });
  const real = Object.entries(run.real ?? {}).map(
    ([name, value]) => [name, value ?? "usual"] as const,
  );
  const all: (readonly [string, unknown])[] = [
    ["preset", preset],
    ...families,
    ...machine,
    ...real,
  ];
  return new Map(all.map(([name, value]) => [name, value === null ? "unlimited" : String(value)]));
}

/**
 * Whether every sibling with other policy files also differs in another setting that a label has,
 * such as the name of a policy, which says more than the path of its file.
 */
function isToldWithoutFiles<R>({ settings }: Group<R>, siblings: readonly Group<R>[]): boolean {
  return siblings.every(
    (sibling) =>
      sibling.settings.get(FILES) === settings.get(FILES) ||
      [...settings].some(
        ([name, value]) =>
          name !== "memoryBytes" && name !== FILES && sibling.settings.get(name) !== value,
      ),
  );
}

function nameAll(
  family: string,
  { name, parameters }: ResultPolicy,
): readonly (readonly [string, unknown])[] {
  const named = Object.entries(parameters).map(
    ([parameter, value]) => [`${family}.${parameter}`, value] as const,
  );
  return [[family, name], ...named];
}

function labelOf<R>(group: Group<R>, groups: readonly Group<R>[]): string {
  const { settings, run } = group;
  const { preset } = run.policy;
  const siblings = groups.filter((each) => each.run.policy.preset === preset);
  const ignored = isToldWithoutFiles(group, siblings) ? ["memoryBytes", FILES] : ["memoryBytes"];
  const telling = [...settings].filter(
    ([name, value]) =>
      !ignored.includes(name) && siblings.some((sibling) => sibling.settings.get(name) !== value),
  );
  const isOracle = (run.oracles ?? []).length > 0;
  return [
    isOracle ? `${preset} (oracle)` : preset,
    ...telling.map(([name, value]) => `${name}=${value}`),
  ].join(" ");
}
