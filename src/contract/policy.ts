import type { RandomStream } from "../basics/random.js";
import type { PackageId, PackageSet } from "./package-set.js";
import type { ParameterSpec, Parameters } from "./parameters.js";
import type { Catalogue, FunctionId, FunctionProfile, Package } from "./workload.js";

/** Slot of a container or Zygote. Slots are reused once their owner is gone. */
export type ContainerId = number;
export type ZygoteId = number;
// ---------------------------------------------------------------------------------- what is seen

/** What a policy may read while it answers. It is the engine's live state: read it, keep ids, never change it. */
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

export interface MemoryView {
  readonly limitBytes: number;
  /** All that is charged: running + handler + zygote. */
  readonly usedBytes: number;
  /** Neither charged nor kept for a start that waits for its Zygote. */
  readonly freeBytes: number;
  /** Containers being created or running, and whatever is being destroyed. */
  readonly runningBytes: number;
  /** Idle and paused containers: the handler cache. */
  readonly handlerBytes: number;
  /** Zygotes, and pages of dead Zygotes that live containers still share. */
  readonly zygoteBytes: number;
}

export interface ContainersView {
  functionOf(container: ContainerId): FunctionId;
  /** Zygote it was forked from (gone by now, perhaps), NONE if it was started from nothing. */
  zygoteOf(container: ContainerId): ZygoteId;
  /** Idle or paused: may be evicted. */
  isIdle(container: ContainerId): boolean;
  /** Invocations it has begun. */
  usesOf(container: ContainerId): number;
  createdAtUs(container: ContainerId): number;
  /** When it last began an invocation or fell idle. */
  lastUsedUs(container: ContainerId): number;
  /** What its own provisioning took. */
  provisionUsOf(container: ContainerId): number;
  /** What its eviction gives back: its unshared bytes. */
  reclaimableBytes(container: ContainerId): number;
  /** Idle containers over all functions. */
  readonly idleCount: number;
  /** The idle container that fell idle longest ago, NONE if there is none. */
  oldestIdle(): ContainerId;
  /** The idle container that fell idle next after this one, NONE at the end. */
  nextIdle(container: ContainerId): ContainerId;
  /** Of one function: */
  idleCountOf(functionId: FunctionId): number;
  busyCountOf(functionId: FunctionId): number;
  newestIdleOf(functionId: FunctionId): ContainerId;
  oldestIdleOf(functionId: FunctionId): ContainerId;
  /** Invocations of the function that wait for a container. */
  waitingOf(functionId: FunctionId): number;
}

export interface ZygotesView {
  /** Live Zygotes (being created or ready), in order of creation. The array is the engine's own. */
  readonly live: readonly ZygoteId[];
  /** Grows with every Zygote created or gone: a cached answer with the same version still holds. */
  readonly version: number;
  isReady(zygote: ZygoteId): boolean;
  /** All it has imported, its ancestors' packages included. */
  packagesOf(zygote: ZygoteId): PackageSet;
  /** What it imported itself, on top of its parent. */
  addedPackagesOf(zygote: ZygoteId): PackageSet;
  /** NONE: started from nothing. */
  parentOf(zygote: ZygoteId): ZygoteId;
  /** Live child Zygotes (0: it may be evicted, unless a start is using it right now). */
  childZygotesOf(zygote: ZygoteId): number;
  /** Live containers forked from it. */
  liveContainersOf(zygote: ZygoteId): number;
  /** A start or a child's creation depends on it right now: it may not be evicted. */
  isPinned(zygote: ZygoteId): boolean;
  /** Containers forked from it so far. */
  forksOf(zygote: ZygoteId): number;
  createdAtUs(zygote: ZygoteId): number;
  /** When it was created or last forked from. */
  lastUsedUs(zygote: ZygoteId): number;
  /** Bytes charged for it: what it added on top of its parent. */
  bytesOf(zygote: ZygoteId): number;
  /** What its eviction gives back now: all its bytes, or only the unshared ones while containers live. */
  reclaimableBytes(zygote: ZygoteId): number;
}

export interface InstallsView {
  readonly diskLimitBytes: number;
  readonly usedBytes: number;
  isInstalled(packageId: PackageId): boolean;
  /** A live container or Zygote, or one being created, uses it: it may not be dropped. */
  isPinned(packageId: PackageId): boolean;
  /** When a provisioning last needed it. */
  lastUsedUs(packageId: PackageId): number;
  /** How many provisionings needed it so far. */
  usesOf(packageId: PackageId): number;
  /** Installed packages, in order of installation. The set is the engine's own. */
  readonly installed: ReadonlySet<PackageId>;
}

// -------------------------------------------------------------------------------- what is told

/**
 * Notices a policy may take to keep its own state. All are optional; an absent one costs nothing.
 * They come in the order in which things happen, before any question about the same event.
 */
export interface PolicyHooks {
  /** An invocation arrived. */
  onArrival?(view: View, functionId: FunctionId): void;
  /** A container begins an invocation, its first or a later one. `lastUsedUs` is already now. */
  onStart?(view: View, container: ContainerId): void;
  /** An invocation ended on it; `runUs` is what the run took. */
  onEnd?(view: View, container: ContainerId, runUs: number): void;
  /** It fell idle and entered the handler cache. */
  onIdle?(view: View, container: ContainerId): void;
  /** A new container is ready; `provisionUsOf` is known. */
  onContainerReady?(view: View, container: ContainerId): void;
  /** It is about to go: evicted, expired or failed. Its data can still be read. */
  onContainerGone?(view: View, container: ContainerId, evicted: boolean): void;
  onZygoteReady?(view: View, zygote: ZygoteId): void;
  /** A container was forked from it. */
  onFork?(view: View, zygote: ZygoteId, functionId: FunctionId): void;
  onZygoteGone?(view: View, zygote: ZygoteId, evicted: boolean): void;
  /** A provisioning needs this package, whether it is installed or not. */
  onPackageUse?(view: View, packageId: PackageId): void;
  onPackageGone?(view: View, packageId: PackageId): void;
}

// ------------------------------------------------------------------------------ what is answered

export interface ZygotePlan {
  /**
   * Zygote to fork the container from; NONE starts it from nothing. Its packages must be a subset of
   * the function's closure. It may still be under creation: the start then waits for it.
   */
  readonly forkFrom: ZygoteId;
  /**
   * A Zygote to create first; the engine asks again when it is ready. Where memory for it cannot be
   * had, the container is started from `forkFrom` instead.
   */
  readonly create: ZygoteSpec | null;
}

export interface ZygoteSpec {
  /** NONE: a fresh interpreter. */
  readonly parent: ZygoteId;
  /** All packages it will have, its parent's included. */
  readonly packages: PackageSet;
}

/** Which Zygote to fork for a function, whether to create one, with which packages, under which parent. */
export interface ZygotePolicy extends PolicyHooks {
  /** Asked when a container must be created. */
  choose(view: View, functionId: FunctionId): ZygotePlan;
  /** True: the engine creates a root Zygote (no packages) when the run begins. */
  readonly startsWithRoot: boolean;
}

/** A container of the handler cache or a Zygote of the import cache. */
export type Victim =
  | { readonly tier: "handler"; readonly container: ContainerId }
  | { readonly tier: "import"; readonly zygote: ZygoteId };

/** Under memory pressure, which idle container or childless, unpinned Zygote goes. */
export interface EvictPolicy extends PolicyHooks {
  /**
   * The next to go; asked again until `neededBytes` more are free or on their way. null: nothing
   * may go, and the start waits. Victims already chosen are no longer idle, nor in `zygotes.live`.
   */
  victim(view: View, neededBytes: number): Victim | null;
  /** Bytes to keep free in the background, 0 if absent: victims are asked for until they are. */
  reserveBytes?(view: View): number;
}

/** Filled in by a keep-alive policy; the engine presets "keep for ever, never pause, no pre-warming". */
export interface KeepAliveDecision {
  /** Keep-alive window: how long the idle container is kept. Infinity: until evicted. 0: destroy now. */
  keepUs: number;
  /** Idle time after which it is paused; Infinity: never. */
  pauseAfterUs: number;
  /** Pre-warm window: time from now until a container is created for the function; Infinity: never. */
  prewarmAfterUs: number;
}

/** When a container falls idle: keep how long, pause when, pre-warm when. */
export interface KeepAlivePolicy extends PolicyHooks {
  decide(view: View, container: ContainerId, decision: KeepAliveDecision): void;
}

/** Which packages to keep installed, what to drop, how large the install cache should be. */
export interface InstallPolicy extends PolicyHooks {
  /** Packages on disk when the run begins, in order of preference; those over the limit are left out. */
  preinstalled(view: View): Iterable<PackageId>;
  /** Bytes the install cache should hold at most; the engine caps it at the disk limit. */
  budgetBytes(view: View): number;
  /** The next unpinned, installed package to drop; NONE: nothing may go, and the install waits. */
  victim(view: View, neededBytes: number): PackageId;
  /** Asked when no container or Zygote uses the package any more; false drops it at once. */
  keepUnused(view: View, packageId: PackageId): boolean;
}

/** Among idle containers, which; wait for a busy one or start another. */
export interface DispatchPolicy extends PolicyHooks {
  /** Asked when the function has an idle container: which one serves. */
  pick(view: View, functionId: FunctionId): ContainerId;
  /** Asked when it has none, but a busy one: true waits for it, false starts another. */
  waitForBusy(view: View, functionId: FunctionId): boolean;
}

// ------------------------------------------------------------------------------- how it is named

/** The five families, each answering one kind of question. */
export interface PolicyFamilies {
  zygote: ZygotePolicy;
  evict: EvictPolicy;
  "keep-alive": KeepAlivePolicy;
  install: InstallPolicy;
  dispatch: DispatchPolicy;
}
export type Family = keyof PolicyFamilies;
export const FAMILIES: readonly Family[] = ["zygote", "evict", "keep-alive", "install", "dispatch"];

/** What a policy may know when it is made. */
export interface PolicyContext {
  readonly functions: readonly FunctionProfile[];
  readonly catalogue: Catalogue;
  readonly memoryLimitBytes: number;
  readonly diskLimitBytes: number;
  readonly cores: number;
  readonly footprint: Footprint;
  /** The policy's own random stream. */
  readonly random: RandomStream;
  /** Reads a text file a `path` parameter names. Errors: InputError. */
  readText(path: string): string;
}

/** Memory of processes that is not packages or handlers. */
export interface Footprint {
  /** A bare interpreter: what the root Zygote and every container started from nothing pay. */
  readonly interpreterBytes: number;
  /** What a forked process dirties at once and never shares. */
  readonly forkPrivateBytes: number;
}

/** A policy as data: printed by `socklab policies`, looked up by name, made by `create`. */
export interface PolicySpec<F extends Family = Family> {
  readonly family: F;
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Paper or code it comes from. */
  readonly source: string;
  /** Where it differs from its source, and why. */
  readonly departures: readonly string[];
  /** True: it needs functions with packages; a workload without any refuses it. */
  readonly needsPackages?: boolean;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  create(parameters: Parameters, context: PolicyContext): PolicyFamilies[F];
}

/** One policy of each family: what an engine runs with. */
export type Policies = { readonly [F in Family]: PolicyFamilies[F] };
