import { max, mean, median } from "d3-array";
import type { ComparedRun, Measure } from "./measures.js";

/** Summary of a measure over pairs of runs. */
export interface ErrorSpread {
  /** Number of pairs that have the measure. */
  readonly pairs: number;
  readonly mean: number;
  readonly median: number;
  readonly max: number;
}

/** A run, and the run to which it is compared. */
export type Pair = readonly [run: ComparedRun, reference: ComparedRun];

/** null: no pair has the measure. */
export function errorSpreadOf(measure: Measure, pairs: readonly Pair[]): ErrorSpread | null {
  const errors = pairs.flatMap(([run, reference]) => measure.of(run, reference) ?? []);
  if (errors.length === 0) return null;
  return {
    pairs: errors.length,
    mean: mean(errors)!,
    median: median(errors)!,
    max: max(errors)!,
  };
}

/** Each run with each reference. */
export function crossPairs(
  runs: readonly ComparedRun[],
  references: readonly ComparedRun[],
): Pair[] {
  return references.flatMap((reference) => runs.map((run) => [run, reference] as const));
}

/** Each run with each other run, in both orders, because an error is relative to the second. */
export function fellowPairs(runs: readonly ComparedRun[]): Pair[] {
  return runs.flatMap((run, at) =>
    runs.filter((_, other) => other !== at).map((reference) => [run, reference] as const),
  );
}

/** The k-th run with the k-th reference. */
export function twinPairs(
  runs: readonly ComparedRun[],
  references: readonly ComparedRun[],
): Pair[] {
  return runs.map((run, at) => [run, references[at]] as const);
}
