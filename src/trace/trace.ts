import type { RandomStreams } from "../basics/random.js";
import type { ArrivalBatches } from "../contract/workload.js";

/** How the run times of one function are distributed. */
export interface RunTimes {
  /** Mean in microseconds, as stated in the trace. */
  readonly meanUs: number;
  /** Run time at probability `u` in [0, 1), integer microseconds, not below 0. */
  quantileUs(u: number): number;
}

/** One function of a trace, before packages are joined to it. */
export interface TraceFunction {
  readonly name: string;
  readonly app: string;
  /** Absent: the trace has no owners. */
  readonly owner?: string | undefined;
  /** `http`, `timer`, ... or `unknown`. */
  readonly trigger: string;
  /** undefined: the trace has no memory; the join then draws one. */
  readonly memoryBytes: number | undefined;
  /** Memory of its whole application; absent: the trace does not have it. */
  readonly appMemoryBytes?: number;
  /** undefined: arrivals carry their own run times. */
  readonly runTimes: RunTimes | undefined;
  /** Direct requirements as `name==version`; undefined: the trace has no packages. */
  readonly requirements: readonly string[] | undefined;
  /** Invocations in the trace; undefined: not known before a pass over it. */
  readonly invocations: number | undefined;
}

export const PLACEMENTS = ["poisson", "uniform", "equidistant"] as const;
/**
 * Where a minute's invocations are placed, for traces that only count them:
 * - `poisson`: a Poisson process given its count, which is independent uniform instants.
 * - `uniform`: gaps drawn uniformly and scaled to fill the minute (InVitro's "uniform").
 * - `equidistant`: equal gaps with one random phase per function.
 */
export type Placement = (typeof PLACEMENTS)[number];

export const RUN_TIME_MODES = ["trace", "mean", "zero"] as const;
/** `trace`: drawn from the trace's distribution; `mean`: always the mean; `zero`: none. */
export type RunTimeMode = (typeof RUN_TIME_MODES)[number];

export interface ArrivalOptions {
  readonly streams: RandomStreams;
  readonly placement: Placement;
  readonly runTimes: RunTimeMode;
}

/**
 * A recorded or generated workload as stated in its file, cut to the functions and minutes wanted.
 */
export interface Trace {
  readonly path: string;
  readonly format: string;
  /** What must be known to read results of this trace rightly; absent: nothing. */
  readonly caveat?: string;
  readonly functions: readonly TraceFunction[];
  readonly spanUs: number;
  /** Arrivals in the trace; undefined: not known without a pass over it. */
  readonly expectedInvocations: number | undefined;
  /** A new pass over the arrivals. A FunctionId is an index in `functions`. */
  arrivals(options: ArrivalOptions): ArrivalBatches;
}

export const FUNCTION_CHOICES = ["random", "most-invoked"] as const;
/**
 * `random`: each function with equal probability, from the stream `functions`; `most-invoked`: the
 * busiest.
 */
export type FunctionChoice = (typeof FUNCTION_CHOICES)[number];

/** What part of a trace is wanted. Functions without an invocation in the minutes kept are dropped. */
export interface TraceCut {
  /** Keep this many functions, chosen by `choice`; undefined: all. */
  readonly functions: number | undefined;
  /** undefined: `random`. */
  readonly choice?: FunctionChoice | undefined;
  /** First minute of the trace that is run, from 0. */
  readonly fromMinute: number;
  /** How many minutes; undefined: to the end. */
  readonly minutes: number | undefined;
  /** Time runs this many times faster between arrivals; run times stay. */
  readonly speedup: number;
  /** Stream from which functions are chosen, so that a seed names the sample. */
  readonly streams: RandomStreams;
}

/** One trace format: one file, one entry in formats.ts. */
export interface TraceFormat {
  readonly name: string;
  readonly summary: string;
  /** True if the path looks like this format; reads a header at most. */
  recognises(path: string): Promise<boolean>;
  /** Errors: InputError with file and line, what was expected, and the remedy. */
  open(path: string, cut: TraceCut): Promise<Trace>;
}
