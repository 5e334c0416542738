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
  /** Process memory that its import adds when its dependencies are already imported (exclusive). */
  readonly memoryBytes: number;
  /** How often functions name it directly, as a relative weight. */
  readonly popularity: number;
}

/** The packages that a workload's functions may have; a PackageId is an index in `packages`. */
export interface Catalogue {
  /** The origin of the figures, for the result and the report. */
  readonly source: string;
  /** Whether the packages are made up or real ones that were measured; absent: not known. */
  readonly kind?: "invented" | "measured";
  /** The file that it was read from; absent: it was not read from a file. */
  readonly path?: string;
  readonly packages: readonly Package[];
}

/** What is known about a function before it runs. */
export interface FunctionProfile {
  readonly name: string;
  /** Index of the application that it belongs to, in the order of the functions. */
  readonly app: number;
  /** What invokes it (`http`, `timer`, ...) and who owns it; absent if the trace does not say. */
  readonly trigger?: string;
  readonly owner?: string;
  /** Memory of one of its containers that shares nothing. */
  readonly memoryBytes: number;
  /** The packages that it names itself. */
  readonly requirements: PackageSet;
  /** Its requirements and all that they depend on: it may import these, and so may inherit them. */
  readonly closure: PackageSet;
  /** Invocations expected in the run, which is knowledge of its future. */
  readonly weight: number;
}

/** Functions that are deployed together, as the trace knows them. */
export interface Application {
  readonly name: string;
  /** Memory of a container that serves all of its functions; absent if the trace does not say. */
  readonly memoryBytes?: number | undefined;
}

/** What a trace says about a function that no decision depends on: the result repeats it. */
export interface FunctionOrigin {
  readonly application: string;
  /** Empty: the trace names no owners. */
  readonly owner: string;
  /** `http`, `timer`, ... or `unknown`. */
  readonly trigger: string;
}

/** Arrivals of one stretch of time, as columns; only the first `count` entries are valid. */
export interface ArrivalBatch {
  count: number;
  /** Due times in microseconds from the run's start; they never fall, within and across batches. */
  atUs: Float64Array;
  functionId: Int32Array;
  /** Times that the handlers run on an otherwise idle machine. */
  runUs: Float64Array;
}

/**
 * A workload's arrivals in batches, in order of time; null follows the last batch. Each call of
 * `next` overwrites the batch that the call before returned. The result is a promise only if a file
 * must be read first.
 *
 * Errors: InputError naming file and line if the trace cannot be read.
 */
export interface ArrivalBatches {
  next(): ArrivalBatch | null | Promise<ArrivalBatch | null>;
}

/** One arrival. The object belongs to its source, which overwrites it in the next `take`. */
export interface Arrival {
  functionId: FunctionId;
  /** Time that the handler runs on an otherwise idle machine. */
  runUs: number;
}

/** No arrival is known, but one may come at any moment; its source interrupts the backend then. */
export const AT_ANY_TIME: number = Number.MAX_SAFE_INTEGER;
/** The last arrival has been taken. */
export const NO_MORE: number = Number.POSITIVE_INFINITY;
/** The source must read before it knows the next arrival. */
export const NOT_READY = -1;

/** Gives arrivals to the loop, which asks when the next one is due and takes it then. */
export interface ArrivalSource {
  /**
   * When the next arrival is due, in microseconds from the run's start, or AT_ANY_TIME, NO_MORE or
   * NOT_READY. The times of arrivals never go back. It is a number in every case, because the loop
   * asks for each event, and a second type would cost an allocation each time.
   */
  nextUs(): number;
  /** Resolves when a source that answered NOT_READY can be asked again. */
  ready?(): Promise<undefined>;
  /** Hands over the arrival whose time `nextUs` returned. */
  take(): Arrival;
}

/** Functions, packages and arrivals: all that an engine and a backend need of a trace. */
export interface Workload {
  readonly trace: string;
  /** What must be known of the trace to read results rightly; results warn of it. */
  readonly caveat?: string;
  readonly functions: readonly FunctionProfile[];
  /** By `app` of the functions; absent: nothing more is known of applications. */
  readonly applications?: readonly Application[];
  /** By FunctionId. Absent: functions have no origins, and applications are numbered. */
  readonly origins?: readonly FunctionOrigin[] | undefined;
  readonly catalogue: Catalogue;
  /**
   * Number of functions that drew their packages from the catalogue, because the trace names none.
   * It is absent if no function did.
   */
  readonly drawnPackages?: number;
  /** Length of the part of the trace that is run, from its first minute to its last. */
  readonly spanUs: number;
  /** Number of arrivals, if the trace says it beforehand; for the progress bar only. */
  readonly expectedInvocations: number | undefined;
  /** Begins a pass over the arrivals; each pass yields the same ones. */
  arrivals(): ArrivalBatches;
}
