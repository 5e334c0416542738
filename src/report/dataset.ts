import { InputError } from "../basics/errors.js";
import { type Configuration, groupConfigurations } from "../results/configurations.js";
import type { Result } from "../results/result.js";
import { findDoubts, workloadOf } from "./doubts.js";
import { formatMemory } from "./format-cell.js";

/** Most lines that a reader can distinguish in one drawing. */
const MAX_DETAILS = 12;

/** A result and the path of its file. */
export interface Source {
  readonly path: string;
  readonly result: Result;
}

/** One run shown in full. */
export interface Detail {
  readonly label: string;
  /** Index of its label. It determines the colour. */
  readonly style: number;
  readonly result: Result;
}

/** The data of a report: runs of one trace, grouped over their seeds. */
export interface Dataset {
  readonly kind: "run" | "comparison" | "difference";
  readonly trace: string;
  readonly results: readonly Result[];
  /** By label, then by memory. */
  readonly configurations: readonly Configuration<Result>[];
  /**
   * Configurations that compete: those with one memory size and equal work, or the two of a
   * difference.
   */
  readonly groups: readonly (readonly Configuration<Result>[])[];
  /** Whether all runs did the same work, so that their costs can be compared. */
  readonly isOneWorkload: boolean;
  /** Labels of configurations, each once. */
  readonly labels: readonly string[];
  readonly details: readonly Detail[];
  /** Which runs these are, in words. */
  readonly detailText: string;
  /** Doubts about the runs taken together. */
  readonly warnings: readonly string[];
}

/**
 * Runs side by side. `memoryBytes` chooses the memory size shown in detail (null: unlimited);
 * undefined: the middle one.
 *
 * Errors: InputError if there are no results, they are of different traces, or no run has that
 * memory.
 */
export function compareRuns(sources: readonly Source[], memoryBytes?: number | null): Dataset {
  checkTraces(sources);
  const results = sources.map(({ result }) => result);
  const configurations = groupConfigurations(results).toSorted(
    (a, b) => compareText(a.label, b.label) || sizeOf(a.memoryBytes) - sizeOf(b.memoryBytes),
  );
  const labels = [...new Set(configurations.map(({ label }) => label))];
  const memories = [...new Set(configurations.map((each) => each.memoryBytes))];
  memories.sort((a, b) => sizeOf(a) - sizeOf(b));
  const works = [...new Set(results.map(workloadOf))];
  const chosen = memoryBytes === undefined ? memories[(memories.length - 1) >> 1]! : memoryBytes;
  const shown = configurations.filter((each) => each.memoryBytes === chosen);
  if (shown.length === 0) {
    const known = memories.map(formatMemory).join(", ");
    throw new InputError(
      `--memory ${formatMemory(chosen)}: no run has it, expected one of ${known}`,
    );
  }
  return {
    kind: results.length === 1 ? "run" : "comparison",
    trace: results[0].run.trace,
    results,
    configurations,
    groups: memories
      .flatMap((memory) =>
        works.map((work) =>
          configurations.filter(
            ({ memoryBytes: limit, results: [first] }) =>
              limit === memory && workloadOf(first) === work,
          ),
        ),
      )
      .filter((group) => group.length > 0),
    isOneWorkload: works.length === 1,
    labels,
    details: shown.slice(0, MAX_DETAILS).map(({ label, results: [result] }) => ({
      label,
      style: labels.indexOf(label),
      result: result,
    })),
    detailText: describeDetails(shown, chosen),
    warnings: findDoubts(configurations, memories),
  };
}

/**
 * Two runs and their differences, for any settings. Errors: InputError if there are not two, or
 * they are of different traces.
 */
export function compareTwo(sources: readonly Source[]): Dataset {
  checkTraces(sources);
  const [a, b] = sources.map(({ result }) => result);
  if (a === undefined || b === undefined || sources.length !== 2) {
    throw new InputError(`--diff: ${sources.length} results, expected two`);
  }
  const label = (letter: string, { run }: Result) => {
    const memory = formatMemory(run.memoryBytes);
    return `${letter}: ${run.policy.preset}, ${memory}, seed ${run.seed}`;
  };
  const configurations = [
    { label: label("A", a), memoryBytes: a.run.memoryBytes, results: [a] },
    { label: label("B", b), memoryBytes: b.run.memoryBytes, results: [b] },
  ];
  return {
    kind: "difference",
    trace: a.run.trace,
    results: [a, b],
    configurations,
    groups: [configurations],
    isOneWorkload: workloadOf(a) === workloadOf(b),
    labels: configurations.map((each) => each.label),
    details: [a, b].map((result, at) => ({ label: configurations[at].label, style: at, result })),
    detailText: "Both runs.",
    warnings: findDoubts(configurations, []),
  };
}

function checkTraces(sources: readonly Source[]): void {
  const [first] = sources;
  if (first === undefined) throw new InputError("no results, expected at least one");
  const other = sources.find(({ result }) => result.run.trace !== first.result.run.trace);
  if (other === undefined) return;
  throw new InputError(
    `${first.path} is of trace ${first.result.run.trace} and ${other.path} of ${other.result.run.trace}: ` +
      "give results of one trace",
  );
}

function describeDetails(shown: readonly Configuration[], memory: number | null): string {
  const seeds = [...new Set(shown.map(({ results: [first] }) => first.run.seed))];
  const left = shown.length - MAX_DETAILS;
  const cut = left > 0 ? ` The first ${MAX_DETAILS} of ${shown.length} configurations.` : "";
  return `Runs with ${formatMemory(memory)} and seed ${seeds.join(", ")}.${cut}`;
}

function sizeOf(memoryBytes: number | null): number {
  return memoryBytes ?? Number.MAX_VALUE;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
