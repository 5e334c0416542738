import type { PackageId, PackageSet } from "./package-set.js";

/** Index of a function in a workload. */
export type FunctionId = number;

/** One `name==version` of a package catalogue. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Direct dependencies. */
  readonly dependencies: readonly PackageId[];
  /** Time of `pip install --no-deps` from a local download cache, alone on the machine. */
  readonly installUs: number;
  /** Bytes downloaded to install it. */
  readonly downloadBytes: number;
  /** Bytes on disk once installed. */
  readonly diskBytes: number;
  /** CPU time to import it when its dependencies are already imported (exclusive). */
  readonly importUs: number;
  /** Process memory its import adds, dependencies already imported (exclusive). */
  readonly memoryBytes: number;
  /** Relative weight with which functions name it directly. */
  readonly popularity: number;
}

/** The packages a workload's functions draw from; a PackageId is an index in `packages`. */
export interface Catalogue {
  /** Where the figures come from, for the result and the report. */
  readonly source: string;
  readonly packages: readonly Package[];
}

/** What is known of a function before it runs. */
export interface FunctionProfile {
  readonly name: string;
  /** Index of the application it belongs to; functions of one application share histories. */
  readonly app: number;
  /** Memory of one container of it that shares nothing. */
  readonly memoryBytes: number;
  /** Packages it names itself. */
  readonly requirements: PackageSet;
  /** Its requirements and all they depend on: what it may import, and so may inherit. */
  readonly closure: PackageSet;
  /** Invocations expected in the run; the training weight of fitted policies. */
  readonly weight: number;
}

/** Arrivals of one stretch of time, as columns; only the first `count` entries are valid. */
export interface ArrivalBatch {
  count: number;
  /** Due time in microseconds from the run's start; never falls, within and across batches. */
  atUs: Float64Array;
  functionId: Int32Array;
  /** Time the handler runs when it has the machine to itself. */
  runUs: Float64Array;
}

/**
 * A workload's arrivals, in time order; null follows the last. A batch belongs to its reader, which
 * overwrites it in the next call. The answer is a promise only if a file must be read first.
 *
 * Errors: InputError naming file and line if the trace cannot be read.
 */
export interface ArrivalBatches {
  next(): ArrivalBatch | null | Promise<ArrivalBatch | null>;
}

/** One arrival. The object belongs to its source, which overwrites it in the next `take`. */
export interface Arrival {
  functionId: FunctionId;
  /** Time the handler runs when it has the machine to itself. */
  runUs: number;
}

/** No arrival is known, but one may come at any moment; its source then interrupts the backend. */
export const AT_ANY_TIME: number = Number.MAX_SAFE_INTEGER;
/** No arrival will come any more. */
export const NO_MORE: number = Number.POSITIVE_INFINITY;

/** Where the loop takes arrivals from: it asks when the next one is due, and takes it then. */
export interface ArrivalSource {
  /**
   * When the next arrival is due, in microseconds from the run's start, or AT_ANY_TIME, or NO_MORE.
   * The times of arrivals never go back. A promise says that the source must read first: ask again
   * once it has resolved.
   */
  nextUs(): number | Promise<undefined>;
  /** Hands over the arrival whose time `nextUs` gave. */
  take(): Arrival;
}

/** Functions, packages and arrivals: all an engine and a backend need of a trace. */
export interface Workload {
  readonly trace: string;
  readonly functions: readonly FunctionProfile[];
  readonly catalogue: Catalogue;
  /** Length of the part of the trace that is run, from its first minute to its last. */
  readonly spanUs: number;
  /** Arrivals that will come, where the trace says so beforehand; for the progress bar only. */
  readonly expectedInvocations: number | undefined;
  /** A fresh pass over the arrivals; each pass yields the same ones. */
  arrivals(): ArrivalBatches;
}
