import { InputError } from "../../basics/errors.js";
import { US_PER_MINUTE } from "../../basics/units.js";
import type { Trace, TraceCut, TraceFunction } from "../trace.js";
import { chooseFunctions } from "./choose-functions.js";
import { countByFunction, cutFunctions, cutMinutes, type MinuteCounts } from "./minute-counts.js";
import { PlacedArrivals } from "./place.js";

/** A trace that counts invocations per minute, before it is cut. */
export interface CountedWorkload {
  readonly path: string;
  readonly format: string;
  /** By function id of `counts`. Each has run times. */
  readonly functions: readonly TraceFunction[];
  readonly counts: MinuteCounts;
  readonly caveat?: string;
}

/**
 * Cuts a counted workload and places its invocations. Errors: InputError if no minute or no
 * function is left.
 */
export function countedTrace(workload: CountedWorkload, cut: TraceCut): Trace {
  const { path, format, caveat } = workload;
  const window = minuteWindow(path, workload.counts.minutes, cut);
  const inWindow = cutMinutes(workload.counts, window.from, window.to);
  const invocations = countByFunction(inWindow);
  const kept = chooseFunctions(path, invocations, cut);
  const counts = cutFunctions(inWindow, kept);
  const functions = kept.map((id) => ({
    ...workload.functions[id],
    invocations: invocations[id],
  }));
  const runTimes = functions.map((each) => each.runTimes);
  return {
    path,
    format,
    ...(caveat !== undefined && { caveat }),
    functions,
    spanUs: Math.round((counts.minutes * US_PER_MINUTE) / cut.speedup),
    expectedInvocations: kept.reduce((sum, id) => sum + invocations[id], 0),
    arrivals: (options) => new PlacedArrivals(counts, runTimes, cut.speedup, options),
  };
}

/**
 * The minutes that a cut keeps of a trace with `minutes` minutes: from `from` up to and without
 * `to`.
 */
export function minuteWindow(
  path: string,
  minutes: number,
  cut: TraceCut,
): { readonly from: number; readonly to: number } {
  const from = cut.fromMinute;
  const to = Math.min(minutes, from + (cut.minutes ?? minutes));
  if (from < to) return { from, to };
  throw new InputError(
    `${path}: no minute is left: it has minutes 0 to ${minutes - 1}, ` +
      `--from ${from} --minutes ${cut.minutes ?? "all"} keeps none of them`,
  );
}
