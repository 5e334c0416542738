import type { Act } from "./act.js";
import type { InstallsView } from "./installs-view.js";
import type { KeepAliveDecision } from "./keep-alive-decision.js";
import type { MemoryView } from "./memory-view.js";
import type { Outcome, StartKind } from "./observer.js";
import type { PackageId, PackageSet } from "./package-set.js";
import type { ParameterSpec, Parameters } from "./parameters.js";
import type { PolicyContext } from "./policy-context.js";
import type { Training } from "./training.js";
import type { FunctionId, FunctionProfile, Package } from "./workload.js";

/** Slot of a container or Zygote. Slots are reused once their owner is gone. */
export type ContainerId = number;
export type ZygoteId = number;
// -------------------------------------------------------------------------------------- the view

/** What a policy may read while it answers: the engine's live state. Keep ids, never change it. */
export interface View {
  /** Microseconds since the run began. */
  readonly nowUs: number;
  readonly functions: readonly FunctionProfile[];
  readonly packages: readonly Package[];
  readonly memory: MemoryView;
  readonly containers: ContainersView;
  readonly zygotes: ZygotesView;
  readonly installs: InstallsView;
}

export interface ContainersView {
  functionOf(container: ContainerId): FunctionId;
  /** The Zygote that it was forked from, which may be gone by now; NONE if it was started cold. */
  zygoteOf(container: ContainerId): ZygoteId;
  /** Idle or paused: may be evicted. */
  isIdle(container: ContainerId): boolean;
  /** Invocations it has begun. */
  usesOf(container: ContainerId): number;
  createdAtUs(container: ContainerId): number;
  /** When it last began an invocation or fell idle. */
  lastUsedUs(container: ContainerId): number;
  /** Time that its own provisioning took, installs and waiting for busy cores included. */
  provisionUsOf(container: ContainerId): number;
  /**
   * What making it again would take now on an idle machine: a creation of its function, forked or
   * cold as it was, without installs, and the imports that it inherited from dead Zygotes.
   */
  remakeUsOf(container: ContainerId): number;
  /**
   * Bytes that its eviction releases: those that it does not share, and the pages of dead Zygotes
   * that only it still shares.
   */
  reclaimableBytes(container: ContainerId): number;
  /** Idle containers over all functions. */
  readonly idleCount: number;
  /** The container that has been idle for longest; NONE if no container is idle. */
  oldestIdle(): ContainerId;
  /** The idle container that fell idle next after this one; NONE at the end. */
  nextIdle(container: ContainerId): ContainerId;
  /** Counts and containers of one function. */
  idleCountOf(functionId: FunctionId): number;
  /** Containers that are not idle: they serve an invocation, or are being made. */
  busyCountOf(functionId: FunctionId): number;
  /** Those of them that are being made: installs, and then the creation. */
  makingCountOf(functionId: FunctionId): number;
  /** The one of them that was begun first; NONE if none is being made. */
  oldestMakingOf(functionId: FunctionId): ContainerId;
  /** The container of the same function that was begun next and is being made; NONE at the end. */
  nextMaking(container: ContainerId): ContainerId;
  newestIdleOf(functionId: FunctionId): ContainerId;
  oldestIdleOf(functionId: FunctionId): ContainerId;
  /** Invocations of the function that no container serves yet. */
  waitingOf(functionId: FunctionId): number;
  /** Those of them that wait for a busy container: no start was begun or queued for them. */
  waitingForBusyOf(functionId: FunctionId): number;
  /** Invocations of the function that have arrived and not ended. */
  outstandingOf(functionId: FunctionId): number;
}

export interface ZygotesView {
  /** Live Zygotes (being created or ready), in order of creation. The array is the engine's own. */
  readonly live: readonly ZygoteId[];
  /** Grows with every Zygote created or gone: an answer cached at this version is still right. */
  readonly version: number;
  isReady(zygote: ZygoteId): boolean;
  /** All packages that it has imported, those of its ancestors included. */
  packagesOf(zygote: ZygoteId): PackageSet;
  /** The packages that it imported itself, in addition to those of its parent. */
  addedPackagesOf(zygote: ZygoteId): PackageSet;
  /** NONE: it was started without a Zygote. */
  parentOf(zygote: ZygoteId): ZygoteId;
  /** Live child Zygotes. With 0 of them it may be evicted, unless a start is using it right now. */
  childZygotesOf(zygote: ZygoteId): number;
  /** Live containers forked from it; those being destroyed no longer count. */
  liveContainersOf(zygote: ZygoteId): number;
  /** A start or a child's creation depends on it right now: it may not be evicted. */
  isPinned(zygote: ZygoteId): boolean;
  /** Containers forked from it so far. */
  forksOf(zygote: ZygoteId): number;
  createdAtUs(zygote: ZygoteId): number;
  /** When it was created or last forked from. */
  lastUsedUs(zygote: ZygoteId): number;
  /** Bytes charged for it: those that it adds to its parent. */
  bytesOf(zygote: ZygoteId): number;
  /**
   * Bytes that its eviction releases: while containers or children live, only the unshared ones.
   */
  reclaimableBytes(zygote: ZygoteId): number;
}

// --------------------------------------------------------------------------------------- notices

/**
 * Notices that a policy may receive to keep its own state. All are optional; an absent one costs
 * nothing. They come in the order of what happens, before any question about the same event.
 */
export interface PolicyHooks {
  /** The run begins. `act` is the policy's own, to be kept for later notices. */
  onBegin?(view: View, act: Act): void;
  /** The time that the policy set by `tickAt` has come. */
  onTick?(view: View): void;
  /** An invocation arrived. */
  onArrival?(view: View, functionId: FunctionId): void;
  /**
   * A container begins an invocation, its first or a later one, `queueUs` after the arrival, less the
   * time of provisioning. `lastUsedUs` is already now.
   */
  onStart?(view: View, container: ContainerId, startKind: StartKind, queueUs: number): void;
  /** An invocation ended on it; `runUs` is the time that the run took. */
  onEnd?(view: View, container: ContainerId, runUs: number, outcome: Outcome): void;
  /** An invocation ended without having run, `waitUs` after it arrived: it was rejected, for example. */
  onUnserved?(view: View, functionId: FunctionId, outcome: Outcome, waitUs: number): void;
  /** It fell idle and entered the handler cache. */
  onIdle?(view: View, container: ContainerId): void;
  /** A new container is ready; `provisionUsOf` is known. */
  onContainerReady?(view: View, container: ContainerId): void;
  /** It was evicted, has expired or failed, and is about to go. Its data can still be read. */
  onContainerGone?(view: View, container: ContainerId, evicted: boolean): void;
  /** A new Zygote is ready; `createUs` is the time of its creation, without that of installs. */
  onZygoteReady?(view: View, zygote: ZygoteId, createUs: number): void;
  /** A container was forked from it. */
  onFork?(view: View, zygote: ZygoteId, functionId: FunctionId): void;
  onZygoteGone?(view: View, zygote: ZygoteId, evicted: boolean): void;
  /**
   * A provisioning looks up this package on disk; `isHit`: it is installed. Packages that it
   * inherits from a Zygote are not looked up, and an attempt after a failure looks up nothing.
   */
  onPackageUse?(view: View, packageId: PackageId, isHit: boolean): void;
  /** It has been installed during the run, which took `installUs`. */
  onInstalled?(view: View, packageId: PackageId, installUs: number): void;
  onPackageGone?(view: View, packageId: PackageId): void;
}

// ------------------------------------------------------------------------- questions and answers

export interface ZygotePlan {
  /**
   * Zygote to fork the container from; NONE starts it cold. The packages of the Zygote must be a
   * subset of the function's closure. If it is still being created, the start waits for it.
   */
  readonly forkFrom: ZygoteId;
  /**
   * A Zygote to create first; the engine asks again when it is ready. If there is not enough memory
   * for it, the container is started from `forkFrom` instead.
   */
  readonly create: ZygoteSpec | null;
}

export interface ZygoteSpec {
  /** NONE: a fresh interpreter. */
  readonly parent: ZygoteId;
  /** All packages that it will have, those of its parent included. */
  readonly packages: PackageSet;
}

/** Decides which Zygote to fork, and whether to create one, with which packages and parent. */
export interface ZygotePolicy extends PolicyHooks {
  /** Asked when a container must be created. */
  choose(view: View, functionId: FunctionId): ZygotePlan;
  /** If true, the engine creates a root Zygote (without packages) when the run begins. */
  readonly startsWithRoot: boolean;
}

/** A container of the handler cache or a Zygote of the import cache. */
export type Victim =
  | { readonly tier: "handler"; readonly container: ContainerId }
  | { readonly tier: "import"; readonly zygote: ZygoteId };

/** Decides which idle container or childless, unpinned Zygote goes when memory is short. */
export interface EvictPolicy extends PolicyHooks {
  /**
   * The next to go; asked again until `neededBytes` more are free or being freed. null: nothing may
   * go, and the start waits. Victims already chosen are no longer idle, nor in `zygotes.live`.
   */
  victim(view: View, neededBytes: number): Victim | null;
  /**
   * Bytes to keep free in the background, 0 if absent: victims are asked for until they are free.
   */
  reserveBytes?(view: View): number;
}

/**
 * Decides how long an idle container is kept, when it is paused, and when to pre-warm. A container
 * made ahead of need is created as for an arrival: by a plan of the `zygote` policy, in memory that
 * evictions free. It falls idle as soon as it is ready.
 */
export interface KeepAlivePolicy extends PolicyHooks {
  decide(view: View, container: ContainerId, decision: KeepAliveDecision): void;
}

/** Decides which packages stay installed, which are dropped, and how large the cache may be. */
export interface InstallPolicy extends PolicyHooks {
  /**
   * Packages on disk when the run begins, preferred ones first; those over the limit are left out.
   */
  preinstalled(view: View): Iterable<PackageId>;
  /** The most bytes that the install cache should contain; the engine caps it at the disk limit. */
  budgetBytes(view: View): number;
  /** The next unpinned, installed package to drop; NONE: none may go, and the install waits. */
  victim(view: View, neededBytes: number): PackageId;
  /**
   * Asked when the last user of the package (container or Zygote) is gone; false drops it at once.
   */
  keepUnused(view: View, packageId: PackageId): boolean;
}

/** Decides which idle container serves, and how long to wait for a busy one instead of starting. */
export interface DispatchPolicy extends PolicyHooks {
  /** Asked when the function has an idle container: which one serves. */
  pick(view: View, functionId: FunctionId): ContainerId;
  /**
   * Asked when it has only busy containers: how many microseconds an invocation waits for one of
   * them before a start is begun for it as well; 0: none, Infinity: as long as the queue allows. Of
   * the containers of its function, the first that is free serves it, also after a start has begun.
   */
  waitForBusyUs(view: View, functionId: FunctionId): number;
}

/**
 * Decides which waiting invocation starts next, when memory, disk, cores or creations are short.
 * Invocations of one function start in order of arrival.
 */
export interface QueuePolicy extends PolicyHooks {
  /**
   * Key of the function's first waiting invocation: the smallest key starts first, and of equal
   * keys the earlier arrival. Asked when it comes to the front, and after changes of its function.
   */
  key(view: View, functionId: FunctionId, arrivedAtUs: number): number;
  /** True: if the first one cannot start now, the next ones are tried. */
  readonly bypasses: boolean;
}

// --------------------------------------------------------------------------- families and names

/** The six families; each answers one kind of question. */
export interface PolicyFamilies {
  zygote: ZygotePolicy;
  evict: EvictPolicy;
  "keep-alive": KeepAlivePolicy;
  install: InstallPolicy;
  dispatch: DispatchPolicy;
  queue: QueuePolicy;
}
export type Family = keyof PolicyFamilies;
export const FAMILIES: readonly Family[] = [
  "zygote",
  "evict",
  "keep-alive",
  "install",
  "dispatch",
  "queue",
];

/** A policy as data: printed by `socklab policies`, looked up by name, made by `create`. */
export interface PolicySpec<F extends Family = Family> {
  readonly family: F;
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** The paper or code that it comes from. */
  readonly source: string;
  /** How it differs from its source, and why. */
  readonly departures: readonly string[];
  /** True: it needs functions with packages, and is refused if the workload has no packages. */
  readonly needsPackages?: boolean;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  /** The part of the workload to which it is fitted; null or absent: it is not fitted. */
  training?(parameters: Parameters): Training | null;
  /** True: `context.future` has the arrivals of the run, and results mark it as an oracle. */
  readonly needsFuture?: boolean;
  /**
   * What it knows of the run's future, as a clause for results; null or absent: nothing, unless it
   * has `needsFuture`. A policy that uses the `weight` of functions or their number in the run knows
   * the future.
   */
  oracle?(parameters: Parameters): string | null;
  create(parameters: Parameters, context: PolicyContext): PolicyFamilies[F];
}

export type Policies = { readonly [F in Family]: PolicyFamilies[F] };
