import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { RandomStreams } from "../../src/basics/random.js";
import { forEachBatch } from "../../src/trace/arrivals/for-each-batch.js";
import type { ArrivalOptions, Trace, TraceCut } from "../../src/trace/trace.js";

/** A cut of the whole trace at its own speed, with `changes` applied. */
export function cutOf(changes: Partial<TraceCut> = {}): TraceCut {
  return {
    functions: undefined,
    fromMinute: 0,
    minutes: undefined,
    speedup: 1,
    streams: new RandomStreams(1),
    ...changes,
  };
}

export function optionsOf(changes: Partial<ArrivalOptions> = {}, seed = 1): ArrivalOptions {
  return { streams: new RandomStreams(seed), placement: "poisson", runTimes: "trace", ...changes };
}

export interface Arrival {
  readonly atUs: number;
  readonly name: string;
  readonly runUs: number;
}

/** All arrivals of a small trace. */
export async function listArrivals(trace: Trace, options = optionsOf()): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  await forEachBatch(trace.arrivals(options), (batch) => {
    for (let at = 0; at < batch.count; at++) {
      const name = trace.functions[batch.functionId[at]].name;
      arrivals.push({ atUs: batch.atUs[at], name, runUs: batch.runUs[at] });
    }
  });
  return arrivals;
}

/** The folder of real traces, on machines that have them. */
export const DATA_FOLDER = resolve(import.meta.dirname, "../../../shared/data");
export const DATA_ABSENT = !existsSync(DATA_FOLDER);
