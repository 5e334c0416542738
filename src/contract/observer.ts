import type { MemoryView } from "./memory-view.js";

/** How an invocation started. Each one that starts is counted as exactly one kind. */
export const START_KINDS = [
  "warm",
  "resumed",
  "delayed-warm",
  "zygote",
  "zygote-built",
  "root-zygote",
  "cold",
] as const;
export type StartKind = (typeof START_KINDS)[number];

/** How an invocation ended. Each one is counted exactly once. */
export const OUTCOMES = ["completed", "failed", "timed-out", "rejected"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Indexes in START_KINDS and OUTCOMES. Hot paths pass these numbers instead of the names. */
export const WARM = 0;
export const RESUMED = 1;
export const DELAYED_WARM = 2;
export const ZYGOTE = 3;
export const ZYGOTE_BUILT = 4;
export const ROOT_ZYGOTE = 5;
export const COLD = 6;
export const COMPLETED = 0;
export const FAILED = 1;
export const TIMED_OUT = 2;
export const REJECTED = 3;

/** True for the kinds of start for which a container is made: those that a cold share counts. */
export function makesContainer(startKind: number): boolean {
  return startKind >= ZYGOTE;
}

/**
 * What the lookups of an invocation's provisioning found. The import cache is looked up when the
 * Zygote is first chosen, and the install cache when packages are first needed from disk; an
 * attempt after a failure looks up nothing.
 */
export interface Lookups {
  /** The chosen Zygote was ready and had imported packages of the closure. */
  readonly importHit: boolean;
  /** Packages of the closure; 0: the function has none, and does not look up the import cache. */
  readonly packagesNeeded: number;
  /** Those of them that the chosen Zygote, or its nearest ancestor that was ready, had imported. */
  readonly packagesFound: number;
  /** CPU time to import the packages needed, and those found, by the catalogue. */
  readonly importNeededUs: number;
  readonly importSavedUs: number;
  /** Packages looked up on disk that were there, and that were not. */
  installHits: number;
  installMisses: number;
}

/** One finished invocation. The engine owns the object and fills it again for each. */
export class InvocationRecord {
  functionId: number = 0;
  /** Arrival's number, from 0. */
  invocation: number = 0;
  arrivedAtUs: number = 0;
  /** Index in OUTCOMES. */
  outcome: number = 0;
  /** Index in START_KINDS, -1 if no handler ever ran it. */
  startKind: number = -1;
  /**
   * From the arrival until a container is chosen or begun; if that never happens, until the end.
   */
  queueUs: number = 0;
  /** From then until the handler is ready. */
  provisionUs: number = 0;
  /** Parts of provisioning by index in PHASES; valid only if provisionUs is not 0. */
  readonly phaseUs: Float64Array = new Float64Array(6);
  runUs: number = 0;
  /** null: no container was begun for it, so neither import nor install cache were looked up. */
  lookups: Lookups | null = null;
}

export type Tier = "handler" | "import" | "install";

/**
 * What happens to containers that pre-warm windows ask for. Each one that is `due` is `made`, or
 * dropped for one of the three last reasons, unless the run ends first. Each one that is made is
 * `used`, `expired` or `evicted`, unless it is still idle when the run ends.
 *
 * - `due`: a pre-warm window that asked for it has ended.
 * - `made`: it is ready.
 * - `used`: it began its first invocation.
 * - `expired`, `evicted`: it left the handler cache before it was used.
 * - `already-there`: so many containers of the function were idle, or in the making.
 * - `overtaken`: an invocation of the function arrived before its creation began.
 * - `failed`: its creation failed, or that of a Zygote that it waited for, or it can never fit.
 */
export const PREWARM_EVENTS = [
  "due",
  "made",
  "used",
  "expired",
  "evicted",
  "already-there",
  "overtaken",
  "failed",
] as const;
export type PrewarmEvent = (typeof PREWARM_EVENTS)[number];

/**
 * Receives what the engine reports for the result. All counts come from here, never from a policy.
 */
export interface Observer {
  /**
   * An invocation began on a container; `startKind` is an index in START_KINDS, `invocation` its
   * arrival's number.
   */
  started(atUs: number, functionId: number, startKind: number, invocation: number): void;
  ended(atUs: number, record: InvocationRecord): void;
  arrived(atUs: number, functionId: number): void;
  /** The arrival reached the engine this long after it was due. Called only if time is real. */
  late?(lateUs: number): void;
  inserted(atUs: number, tier: Tier): void;
  /** An entry left the tier: by an eviction if `evicted`, else because its time was over. */
  left(atUs: number, tier: Tier, evicted: boolean): void;
  /** Something happened to this many containers that pre-warm windows asked for. */
  prewarmed(event: PrewarmEvent, count: number): void;
  /** A minute of the run is over. Called before any event of the next minute is handled. */
  minuteEnded(atUs: number, memory: MemoryView, queueLength: number): void;
  /** Something the reader of the result should know; counted by code. */
  warned(code: string, text: string): void;
}

/** Ignores every report. An observer of a few reports can be spread over it. */
export const SILENT_OBSERVER: Observer = {
  started: () => {},
  ended: () => {},
  arrived: () => {},
  inserted: () => {},
  left: () => {},
  prewarmed: () => {},
  minuteEnded: () => {},
  warned: () => {},
};
