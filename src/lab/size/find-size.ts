import { BYTES_PER_MIB } from "../../basics/units.js";
import { LOST, type ResultHead } from "../../results/metrics.js";
import { type Goal, isMet } from "../../results/size/goal.js";
import { SIZE_SCHEMA, type SizeResult } from "../../results/size/size-result.js";
import { type Interval, meanInterval } from "../../results/statistics.js";
import type { LoadedPolicies } from "../run/load-policy.js";
import { performRun } from "../run/perform-run.js";
import { findCommit, SOCKLAB_VERSION } from "../run/provenance.js";
import { WorkloadReader } from "../run/read-workload.js";
import type { RunSettings } from "../run/run-settings.js";
import { smallest } from "./smallest.js";

/** Arrivals of one workload are kept if they fit, because every run of a seed has the same. */
const KEPT_ARRIVAL_BYTES = 512 * BYTES_PER_MIB;
/** Sizes of the curve, as factors of the answer. */
const AROUND = [0.5, 0.7, 1, 1.4, 2];

export interface SizeSearch {
  /** Everything of a run but its memory and its seed. */
  readonly settings: RunSettings;
  readonly policies: LoadedPolicies;
  readonly goals: readonly Goal[];
  readonly seeds: readonly number[];
  readonly fromBytes: number;
  readonly toBytes: number;
  /** Quotient of neighbouring sizes, above 1. */
  readonly step: number;
  readonly maxLost: number;
}

/**
 * The smallest memory with which a policy meets its goals, by bisection over one grid of sizes for
 * all seeds, so that they are paired. It relies on more memory never being worse; the curve around
 * the answer is checked for that. Errors: InputError.
 */
export async function findSize(search: SizeSearch): Promise<SizeResult> {
  const { settings, goals, seeds } = search;
  const sizes = sizesOf(search);
  const tried = new Trials(search, sizes);
  const found: number[] = [];
  for (const seed of seeds) {
    found.push(await smallest(sizes.length, (at) => tried.meets(seed, at)));
  }
  const isFound = found.every((at) => at < sizes.length);
  const answer = Math.max(...found);
  const curve: SizeResult["curve"] = [];
  for (const at of aroundOf(sizes, Math.min(answer, sizes.length - 1))) {
    const results: ResultHead[] = [];
    for (const seed of seeds) results.push(await tried.run(seed, at));
    const met = results.filter((result) => tried.isGood(result)).length;
    const figures = goals.map(({ measure }) => {
      const values = results.flatMap((result) => measure.of(result) ?? []);
      return values.length < seeds.length ? null : figureOf(meanInterval(values));
    });
    curve.push({ memoryBytes: sizes[at], met, figures });
  }
  const memoryBytes = isFound ? sizes[answer] : null;
  return {
    schema: SIZE_SCHEMA,
    trace: settings.trace,
    policy: [search.policies.resolved.preset, ...settings.set].join(" "),
    goals: goals.map(({ text }) => text),
    maxLost: search.maxLost,
    step: search.step,
    version: SOCKLAB_VERSION,
    commit: findCommit(),
    runs: tried.count,
    memoryBytes,
    mean: isFound ? figureOf(meanInterval(found.map((at) => sizes[at]))) : null,
    seeds: seeds.map((seed, nth) => ({ seed, memoryBytes: sizes[found[nth]] ?? null })),
    curve,
    warnings: warningsOf(curve, memoryBytes, seeds.length),
  };
}

/** Whole MiB from the least to the largest size. */
function sizesOf({ fromBytes, toBytes, step }: SizeSearch): readonly number[] {
  const sizes: number[] = [];
  for (let bytes = fromBytes; bytes < toBytes; bytes *= step)
    sizes.push(Math.ceil(bytes / BYTES_PER_MIB) * BYTES_PER_MIB);
  return [...new Set([...sizes, toBytes])];
}

function aroundOf(sizes: readonly number[], answer: number): readonly number[] {
  const indices = AROUND.map((factor) => {
    const at = sizes.findIndex((size) => size >= factor * sizes[answer]);
    return at === -1 ? sizes.length - 1 : at;
  });
  return [...new Set(indices)];
}

function warningsOf(
  curve: SizeResult["curve"],
  memoryBytes: number | null,
  seeds: number,
): readonly string[] & string[] {
  if (memoryBytes === null) return [];
  const worse = curve.filter((point) => point.memoryBytes > memoryBytes && point.met < seeds);
  return worse.length === 0
    ? []
    : ["more memory is worse for some seed: the goals are not met at every larger size"];
}

function figureOf({ mean, low, high }: Interval) {
  return { mean, low, high };
}

/** Runs that have been performed, by seed and size. */
class Trials {
  readonly #search: SizeSearch;
  readonly #sizes: readonly number[];
  readonly #reader = new WorkloadReader(KEPT_ARRIVAL_BYTES);
  readonly #results = new Map<string, ResultHead>();

  constructor(search: SizeSearch, sizes: readonly number[]) {
    this.#search = search;
    this.#sizes = sizes;
  }

  get count(): number {
    return this.#results.size;
  }

  async run(seed: number, at: number): Promise<ResultHead> {
    const key = `${seed} ${at}`;
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const { settings, policies } = this.#search;
    const { run, invocations, coldStarts, timesUs, memory, tiers, warnings } = await performRun(
      { ...settings, seed, memoryBytes: this.#sizes[at] },
      { reader: this.#reader, policies },
    );
    // without its long tables
    const result = { run, invocations, coldStarts, timesUs, memory, tiers, warnings };
    this.#results.set(key, result);
    return result;
  }

  /** Whether the run meets the goals without losing more than it may. */
  isGood(result: ResultHead): boolean {
    const { goals, maxLost } = this.#search;
    return (LOST.of(result) ?? 0) <= maxLost && goals.every((goal) => isMet(goal, result));
  }

  async meets(seed: number, at: number): Promise<boolean> {
    return this.isGood(await this.run(seed, at));
  }
}
