import { formatBytes } from "../basics/units.js";
import type { Configuration } from "./configurations.js";
import { endsOf, lostShare, OVERLOADED } from "./loss.js";
import type { RunOptions } from "./run-schema.js";
import { formatRatio } from "./text-table.js";

/** Settings that change what arrives, and what a start costs: runs that differ in them do not compete. */
export const WORKLOAD_OPTIONS: readonly (keyof RunOptions)[] = [
  "functions",
  "fromMinute",
  "minutes",
  "warmupMinutes",
  "speedup",
  "placement",
  "runTimes",
  "packages",
  "costs",
];

/** A text that is equal for configurations of the same work, with any policies and memory. */
export function workOf({ results }: Pick<Configuration, "results">): string {
  const seeds = results.map(({ run }) => run.seed);
  return JSON.stringify([workloadOf(results[0].run.options), seeds]);
}

/** A text that is equal for runs of the same workload, with any seed. */
export function workloadOf(options: RunOptions): string {
  return JSON.stringify(WORKLOAD_OPTIONS.map((name) => options[name]));
}

/** Whether a configuration lost so much that its numbers cannot be compared. */
export function isOverloaded(configuration: Configuration, maxLost: number): boolean {
  return lostShare(configuration) > maxLost;
}

/**
 * Why a difference between two configurations does not show what their policies do; undefined: it
 * does.
 */
export function whyNotCompared(
  a: Configuration,
  b: Configuration,
  maxLost: number,
): string | undefined {
  const overloaded = [a, b].filter((each) => isOverloaded(each, maxLost));
  if (overloaded.length > 0) {
    return overloaded
      .map((each) => `${each.label} lost ${formatRatio(lostShare(each))}`)
      .join(", ");
  }
  const [of, other] = [a.results[0].run.options, b.results[0].run.options];
  const differing = WORKLOAD_OPTIONS.filter((name) => of[name] !== other[name]);
  if (differing.length > 0) return `their ${differing.join(", ")} differ`;
  const seeds = new Set(b.results.map(({ run }) => run.seed));
  if (!a.results.some(({ run }) => seeds.has(run.seed))) return "they have no seed in common";
  return undefined;
}

/**
 * Which configurations lost more than the limit, one sentence per memory size, after a sentence that
 * says what follows from it. Empty if there is no such configuration.
 */
export function describeOverload(
  configurations: readonly Configuration[],
  maxLost: number,
): string[] {
  const overloaded = configurations.filter((each) => isOverloaded(each, maxLost));
  if (overloaded.length === 0) return [];
  const memories = [...new Set(overloaded.map(({ memoryBytes }) => memoryBytes))];
  const limit = formatRatio(maxLost);
  return [
    `${overloaded.length} of ${configurations.length} configurations lost more than ${limit} of their invocations. They are not compared: their numbers cover only the invocations that they served.`,
    ...memories.map((memory) => {
      const here = overloaded.filter(({ memoryBytes }) => memoryBytes === memory);
      const all = configurations.filter(({ memoryBytes }) => memoryBytes === memory);
      return `${formatBytes(memory ?? Number.POSITIVE_INFINITY)}: ${sharesOf(here, all.length)} (${endsOf(here.flatMap(({ results }) => results))}${causesOf(here)}).`;
    }),
  ];
}

/** `all 4 lost 52 to 55 %`, or each with its share if only some lost too much. */
function sharesOf(overloaded: readonly Configuration[], all: number): string {
  const shares = overloaded.map(lostShare);
  if (overloaded.length < all || overloaded.length < 3) {
    return overloaded
      .map((each) => `${each.label} lost ${formatRatio(lostShare(each))}`)
      .join(", ");
  }
  const [low, high] = [Math.min(...shares), Math.max(...shares)];
  return `all ${all} lost ${formatRatio(low)} to ${formatRatio(high)}`;
}

/** What was short, in the words of the engine's warning of the first run that has it, and which run that is. */
function causesOf(configurations: readonly Configuration[]): string {
  const all = configurations.flatMap(({ label, results }) =>
    results.flatMap(({ run, warnings }) =>
      warnings
        .filter(({ code }) => code === OVERLOADED)
        .map(({ text }) => ({ text, name: `${label} with seed ${run.seed}` })),
    ),
  );
  const [first] = all;
  if (first === undefined) return "";
  const which = all.length > 1 ? `, one of ${all.length} runs with this warning` : "";
  return `; ${first.name}${which}: ${first.text}`;
}
