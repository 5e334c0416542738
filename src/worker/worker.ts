import type { Outcome, StartKind, Tier } from "../contract/observer.js";
import type { GuestRequest } from "../real/guests/guest-request.js";
import type { HttpHead, Said } from "../real/guests/messages.js";
import type { ProcessMemory } from "../real/host/process-memory.js";
import type { HandlerSettings } from "./function-settings.js";
import type { UploadRequirements } from "./requirements.js";
import type { TimeHistogram } from "./time-histogram.js";

/** How one invocation ended, for its caller. */
export interface InvocationResult extends Said {
  /** `stopping`, `broken`: the worker itself ended it. */
  readonly outcome: Outcome | "stopping" | "broken";
  /** undefined: no handler ever ran it. */
  readonly start: StartKind | undefined;
  /** The answer's body if it completed; undefined: it was sent in pieces. */
  readonly answer: Buffer | undefined;
  /** Status and headers of the answer; undefined: it is a JSON value. */
  readonly http: HttpHead | undefined;
  /** It did not complete because its event is not JSON. */
  readonly isBadEvent: boolean;
  /** Why it did not complete, on one line. */
  readonly message: string;
  readonly queueUs: number;
  readonly provisionUs: number;
  readonly runUs: number;
}

/** A request for a function. An empty body is the event `{}`. */
export type Call = Omit<GuestRequest, "line">;

/** An uploaded function: a staged folder, which the engine takes over, and its requirements. */
export interface FunctionUpload {
  readonly name: string;
  /** Contains `f.py`. The engine removes it if it refuses the function. */
  readonly folder: string;
  readonly requirements: UploadRequirements;
  /** What an earlier registration resolved requirements to; used if they are still the same. */
  readonly lock?: Lock | undefined;
  /** Settings for the function's containers. */
  readonly handler?: HandlerSettings;
  /** Methods of HTTP that the function takes; absent: all. */
  readonly methods?: readonly string[];
}

/** Requirements that were not all pinned, and the packages that were found for them. */
export interface Lock {
  readonly asked: readonly string[];
  /** Packages as `name==version`, with all that they depend on. */
  readonly packages: readonly string[];
}

export interface RegisteredFunction {
  readonly name: string;
  /** Grows by one with every upload under this name. */
  readonly revision: number;
  /** Packages as `name==version`. */
  readonly requirements: readonly string[];
  /** The requirements as they were uploaded, if the worker had to find the versions. */
  readonly asked?: readonly string[];
  /** Lines of the upload's requirements that have no effect, with the reason, if there are any. */
  readonly notes?: readonly string[];
  /** Methods of HTTP that the function takes; absent: all. */
  readonly methods?: readonly string[];
}

export interface ZygoteDescription {
  /** null: there is no such Zygote, because it must not be forked. */
  readonly id: number | null;
  /** Why a Zygote with these packages must not be forked; null: it may be. */
  readonly refused: string | null;
  /** null: it has no parent, since it was started cold. */
  readonly parent: number | null;
  readonly packages: readonly string[];
  readonly isReady: boolean;
  /** Memory that the engine charges for it: what it adds to its parent. */
  readonly bytes: number;
  /** Memory of its process; null: the process does not exist yet, or is gone. */
  readonly memory: ProcessMemory | null;
  readonly forks: number;
  /** Children that are forked ahead of need, and ready. */
  readonly spares: number;
  readonly liveContainers: number;
  readonly idleUs: number;
}

export interface TierStats {
  readonly hits: number;
  readonly misses: number;
  readonly insertions: number;
  readonly evictions: number;
  readonly expirations: number;
}

/** Counts since the worker began. */
export interface WorkerStats {
  readonly uptimeUs: number;
  readonly functions: number;
  readonly pending: number;
  readonly starts: Readonly<Record<StartKind, number>>;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly tiers: Readonly<Record<Tier, TierStats>>;
  readonly memory: {
    readonly limitBytes: number;
    readonly runningBytes: number;
    readonly handlerBytes: number;
    readonly zygoteBytes: number;
  };
  readonly disk: {
    readonly limitBytes: number;
    readonly usedBytes: number;
    readonly packages: number;
  };
  /**
   * `startupUs`: from the arrival until the handler is ready; `runUs`: from then until the handler
   * ends.
   */
  readonly startupUs: TimeHistogram;
  readonly runUs: TimeHistogram;
  /** Number of warnings by code. */
  readonly warnings: Readonly<Record<string, number>>;
}

/** What the HTTP worker needs from an engine. */
export interface WorkerEngine {
  /** undefined: there is no such function. */
  find(name: string): RegisteredFunction | undefined;
  list(): readonly RegisteredFunction[];
  /** Invokes a registered function. Every invocation ends in one outcome. */
  invoke(name: string, call: Call): Promise<InvocationResult>;
  /**
   * Errors: InputError if the upload is at fault, InstallError if a package cannot be installed.
   */
  register(upload: FunctionUpload): Promise<RegisteredFunction>;
  /** Removes a function. Its accepted invocations still end normally. */
  remove(name: string): Promise<void>;
  stats(): WorkerStats;
  zygotes(): Promise<readonly ZygoteDescription[]>;
  /**
   * Accepts no further invocation, ends what still runs after the grace period, and releases
   * everything.
   */
  close(graceMs: number): Promise<void>;
}
