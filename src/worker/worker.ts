import type { Outcome, StartKind, Tier } from "../contract/observer.js";
import type { ProcessMemory } from "../real/host/process-memory.js";
import type { TimeHistogram } from "./time-histogram.js";

/** How one invocation ended, for who asked for it. */
export interface InvocationResult {
  /** stopping, broken: the worker itself ended it. */
  readonly outcome: Outcome | "stopping" | "broken";
  /** undefined: no handler ever ran it. */
  readonly start: StartKind | undefined;
  /** What `f(event)` returned, where it completed. */
  readonly answer: unknown;
  /** Why it did not complete, on one line. */
  readonly message: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly queueUs: number;
  readonly provisionUs: number;
  readonly runUs: number;
}

/** A function as it is handed in: a staged folder that becomes the engine's, and what it requires. */
export interface FunctionUpload {
  readonly name: string;
  /** Holds `f.py`; removed by the engine where the function is refused. */
  readonly folder: string;
  /** `name==version`, closed: what these depend on is among them. */
  readonly requirements: readonly string[];
}

export interface RegisteredFunction {
  readonly name: string;
  /** Grows by one with every upload under this name. */
  readonly revision: number;
  readonly requirements: readonly string[];
}

export interface ZygoteDescription {
  readonly id: number;
  /** null: started from nothing. */
  readonly parent: number | null;
  readonly packages: readonly string[];
  readonly isReady: boolean;
  /** What the engine charges for it: what it adds to its parent. */
  readonly bytes: number;
  /** Of its process; null: it has none yet, or is gone. */
  readonly memory: ProcessMemory | null;
  readonly forks: number;
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
  /** Arrival to handler ready, and handler ready to its end. */
  readonly startupUs: TimeHistogram;
  readonly runUs: TimeHistogram;
  /** By code. */
  readonly warnings: Readonly<Record<string, number>>;
}

/** What the HTTP worker needs of an engine. */
export interface WorkerEngine {
  /** undefined: there is no such function. */
  find(name: string): RegisteredFunction | undefined;
  list(): readonly RegisteredFunction[];
  /** Always ends in one outcome; the function must be registered. */
  invoke(name: string, event: unknown): Promise<InvocationResult>;
  /** Errors: InputError where the upload is at fault, InstallError where a package cannot be had. */
  register(upload: FunctionUpload): Promise<RegisteredFunction>;
  /** Invocations that were accepted end as if it were still there. */
  remove(name: string): Promise<void>;
  stats(): WorkerStats;
  zygotes(): Promise<readonly ZygoteDescription[]>;
  /** Lets nothing new begin, ends what still runs after the grace period, and gives all back. */
  close(graceMs: number): Promise<void>;
}
