import { InputError } from "../basics/errors.js";
import { checkBound, type ReadBound } from "../results/bound/check-bound.js";
import type { TraceBound } from "../results/bound/trace-bound.js";
import { describeOverload, isOverloaded, workOf } from "../results/comparability.js";
import { type Configuration, groupConfigurations } from "../results/configurations.js";
import { findDoubts } from "../results/doubts.js";
import { MAX_LOST } from "../results/loss.js";
import type { Result } from "../results/result.js";
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
   * Configurations shown side by side: those with one memory size, equal work and equal seeds, or
   * the two of a difference.
   */
  readonly groups: readonly (readonly Configuration<Result>[])[];
  /** Configurations that lost so many invocations that they are not compared. */
  readonly overloaded: ReadonlySet<Configuration<Result>>;
  /** The share of its invocations that a configuration may lose and still be compared. */
  readonly maxLost: number;
  /** Whether all runs did the same work with the same seeds, so that their costs can be compared. */
  readonly isOneWorkload: boolean;
  /** Labels of configurations, each once, in the order of the results. */
  readonly labels: readonly string[];
  readonly details: readonly Detail[];
  /** Which runs these are, in words. */
  readonly detailText: string;
  /** Bounds for all policies on this workload. */
  readonly bounds: readonly TraceBound[];
  /** What was lost, one sentence per entry. */
  readonly losses: readonly string[];
  /** Doubts about the runs taken together. */
  readonly warnings: readonly string[];
}

/** What a caller may choose about a dataset. */
export interface DatasetChoices {
  /** The memory size shown in detail (null: unlimited); default: the middle one that nobody lost. */
  readonly memoryBytes?: number | null | undefined;
  /** Largest share of its invocations that a configuration may lose and still be compared. */
  readonly maxLost?: number;
  /** Bounds to draw beside the runs. */
  readonly bounds?: readonly ReadBound[];
}

/**
 * Runs side by side.
 *
 * Errors: InputError if there are no results, they are of different traces, or no run has the
 * chosen memory.
 */
export function compareRuns(
  sources: readonly Source[],
  { memoryBytes, maxLost = MAX_LOST, bounds = [] }: DatasetChoices = {},
): Dataset {
  checkTraces(sources);
  const results = sources.map(({ result }) => result);
  for (const each of bounds) checkBound(each, results);
  const grouped = groupConfigurations(results);
  const labels = [...new Set(grouped.map(({ label }) => label))];
  const configurations = grouped.toSorted(
    (a, b) =>
      labels.indexOf(a.label) - labels.indexOf(b.label) ||
      sizeOf(a.memoryBytes) - sizeOf(b.memoryBytes),
  );
  const memories = [...new Set(configurations.map((each) => each.memoryBytes))];
  memories.sort((a, b) => sizeOf(a) - sizeOf(b));
  const overloaded = new Set(configurations.filter((each) => isOverloaded(each, maxLost)));
  const works = [...new Set(configurations.map(workOf))];
  const chosen = memoryBytes === undefined ? middleOf(memories, overloaded) : memoryBytes;
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
          configurations.filter((each) => each.memoryBytes === memory && workOf(each) === work),
        ),
      )
      .filter((group) => group.length > 0),
    overloaded,
    maxLost,
    isOneWorkload: works.length === 1,
    labels,
    details: shown.slice(0, MAX_DETAILS).map(({ label, results: [result] }) => ({
      label,
      style: labels.indexOf(label),
      result: result,
    })),
    detailText: describeDetails(shown, chosen),
    bounds: bounds.map(({ bound }) => bound),
    losses: describeOverload(configurations, maxLost),
    warnings: findDoubts(configurations, memories),
  };
}

/** The middle one of the memory sizes at which no configuration is overloaded, or of all. */
function middleOf(
  memories: readonly (number | null)[],
  overloaded: ReadonlySet<Configuration>,
): number | null {
  const lossy = new Set([...overloaded].map((each) => each.memoryBytes));
  const sound = memories.filter((memory) => !lossy.has(memory));
  const usable = sound.length > 0 ? sound : memories;
  return usable[(usable.length - 1) >> 1]!;
}

/**
 * Two runs and their differences, for any settings. Errors: InputError if there are not two, or
 * they are of different traces.
 */
export function compareTwo(sources: readonly Source[], maxLost: number = MAX_LOST): Dataset {
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
    overloaded: new Set(configurations.filter((each) => isOverloaded(each, maxLost))),
    maxLost,
    isOneWorkload: workOf(configurations[0]) === workOf(configurations[1]),
    labels: configurations.map((each) => each.label),
    details: [a, b].map((result, at) => ({ label: configurations[at].label, style: at, result })),
    detailText: "Both runs.",
    bounds: [],
    losses: describeOverload(configurations, maxLost),
    warnings: findDoubts(configurations),
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
