import { assert } from "../../basics/errors.js";
import { NONE } from "../../basics/none.js";
import type { PackageSet } from "../../contract/package-set.js";
import type { ZygoteId, ZygotesView } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";

/** `leaked`: it could not be destroyed. `orphan`: it is gone, but processes may share its pages. */
export type ZygoteState = "installing" | "creating" | "ready" | "destroying" | "leaked" | "orphan";

/** What a Zygote is made for: an invocation's container, or one made ahead of any invocation. */
export interface ZygoteClient {
  /** The invocation's slot; NONE: there is no invocation. */
  readonly slot: number;
  /** Whose container is to be forked. */
  readonly functionId: FunctionId;
  /** Zygotes that were waited for before this one. */
  readonly creations: number;
}

export interface ZygoteWaiter extends ZygoteClient {
  readonly sinceUs: number;
  readonly promisedBytes: number;
}

/** One Zygote. There are tens to hundreds of them, so they are plain objects. */
export interface ZygoteEntry {
  readonly id: ZygoteId;
  readonly generation: number;
  readonly parent: ZygoteId;
  readonly packages: PackageSet;
  readonly added: PackageSet;
  readonly createdAtUs: number;
  /** CPU time to import what it adds to its parent. */
  readonly importUs: number;
  /**
   * Bytes charged for it, estimated until they are measured, and the part that its children share.
   */
  bytes: number;
  sharedBytes: number;
  /** Bytes that a process forked from it inherits: its shared bytes and those of its ancestors. */
  readonly inheritedBytes: number;
  state: ZygoteState;
  lastUsedUs: number;
  forks: number;
  /** Live containers forked from it. */
  containers: number;
  /** Live child Zygotes. */
  children: number;
  /**
   * What still maps its shared pages: live containers, and children whose own pages are still
   * shared.
   */
  sharers: number;
  /** Those of the sharers that do not end yet. */
  stayers: number;
  /** All sharers and the Zygote itself end, so its shared bytes count as being freed. */
  isFreeing: boolean;
  /** Of the sharers: containers being created or running, and children that such ones share. */
  activeSharers: number;
  /** Starts and creations that depend on it right now. */
  pins: number;
  /** The clients that wait for it, since when, and the memory reserved for each. */
  readonly waiters: ZygoteWaiter[];
  /**
   * Per function, the packages of its closure that the Zygote lacks: found once, used by each fork.
   */
  readonly lackedBy: Map<FunctionId, PackageSet>;
  /**
   * Number of packages that it still waits for, the time when all were installed, and the time when
   * its creation began.
   */
  missing: number;
  installedAtUs: number;
  begunAtUs: number;
  /** Destructions that failed. */
  failures: number;
}

/** It is being destroyed, or gone: its pages stay only for the processes that share them. */
export function isEnding({ state }: ZygoteEntry): boolean {
  return state === "destroying" || state === "orphan";
}

/** The import cache: a tree of Zygotes, indexed by slot. */
export class ZygoteTable implements ZygotesView {
  readonly live: ZygoteId[] = [];
  version = 0;
  readonly #slots: (ZygoteEntry | null)[] = [];
  readonly #freeSlots: ZygoteId[] = [];
  #generation = 0;

  add(
    fields: Pick<
      ZygoteEntry,
      | "parent"
      | "packages"
      | "added"
      | "createdAtUs"
      | "importUs"
      | "bytes"
      | "sharedBytes"
      | "inheritedBytes"
    >,
  ): ZygoteEntry {
    const id = this.#freeSlots.pop() ?? this.#slots.length;
    const zygote: ZygoteEntry = {
      id,
      generation: ++this.#generation,
      parent: fields.parent,
      packages: fields.packages,
      added: fields.added,
      createdAtUs: fields.createdAtUs,
      importUs: fields.importUs,
      bytes: fields.bytes,
      sharedBytes: fields.sharedBytes,
      inheritedBytes: fields.inheritedBytes,
      state: "installing",
      lastUsedUs: fields.createdAtUs,
      forks: 0,
      containers: 0,
      children: 0,
      sharers: 0,
      stayers: 0,
      isFreeing: false,
      activeSharers: 0,
      pins: 0,
      waiters: [],
      lackedBy: new Map(),
      missing: 0,
      installedAtUs: fields.createdAtUs,
      begunAtUs: fields.createdAtUs,
      failures: 0,
    };
    this.#slots[id] = zygote;
    this.live.push(id);
    this.version++;
    if (zygote.parent !== NONE) {
      this.get(zygote.parent).children++;
      this.get(zygote.parent).sharers++;
      this.get(zygote.parent).stayers++;
    }
    return zygote;
  }

  /** It can no longer be forked: it is being destroyed, or has died. */
  retire(zygote: ZygoteEntry, state: "destroying" | "orphan"): void {
    const at = this.live.indexOf(zygote.id);
    assert(at >= 0, "a Zygote was retired twice");
    this.live.splice(at, 1);
    this.version++;
    zygote.state = state;
    if (zygote.parent !== NONE) this.get(zygote.parent).children--;
  }

  /** Frees the slot of a Zygote that is gone and whose pages no process shares any more. */
  remove(zygote: ZygoteEntry): void {
    assert(zygote.sharers === 0, "a Zygote's shared pages were freed under a sharer");
    this.#slots[zygote.id] = null;
    this.#freeSlots.push(zygote.id);
    if (zygote.parent !== NONE) this.get(zygote.parent).sharers--;
  }

  get(id: ZygoteId): ZygoteEntry {
    const zygote = this.#slots[id];
    assert(zygote !== null && zygote !== undefined, "there is no Zygote in this slot");
    return zygote;
  }

  isLive(id: ZygoteId): boolean {
    const state = this.#slots[id]?.state;
    return state === "ready" || state === "creating" || state === "installing";
  }

  isReady(id: ZygoteId): boolean {
    return this.#slots[id]?.state === "ready";
  }
  packagesOf(id: ZygoteId): PackageSet {
    return this.get(id).packages;
  }
  addedPackagesOf(id: ZygoteId): PackageSet {
    return this.get(id).added;
  }
  parentOf(id: ZygoteId): ZygoteId {
    return this.get(id).parent;
  }
  childZygotesOf(id: ZygoteId): number {
    return this.get(id).children;
  }
  liveContainersOf(id: ZygoteId): number {
    return this.get(id).containers;
  }
  isPinned(id: ZygoteId): boolean {
    return this.get(id).pins > 0 || this.get(id).state !== "ready";
  }
  forksOf(id: ZygoteId): number {
    return this.get(id).forks;
  }
  createdAtUs(id: ZygoteId): number {
    return this.get(id).createdAtUs;
  }
  lastUsedUs(id: ZygoteId): number {
    return this.get(id).lastUsedUs;
  }
  bytesOf(id: ZygoteId): number {
    return this.get(id).bytes;
  }
  reclaimableBytes(id: ZygoteId): number {
    const { bytes, sharedBytes, stayers, parent } = this.get(id);
    return stayers > 0 ? bytes - sharedBytes : bytes + this.orphanedBytes(parent);
  }

  /** Time to import what dead Zygotes, from this one up to a live one, had imported. */
  lostImportUs(id: ZygoteId): number {
    let us = 0;
    for (let at = id; at !== NONE && isEnding(this.get(at)); at = this.get(at).parent)
      us += this.get(at).importUs;
    return us;
  }

  /**
   * Shared bytes that are freed when one more process ends that was forked from this Zygote: those
   * of ending Zygotes, from this one up, of which it is the last sharer that stays.
   */
  orphanedBytes(id: ZygoteId): number {
    let bytes = 0;
    for (let at = id; at !== NONE; at = this.get(at).parent) {
      const zygote = this.get(at);
      if (zygote.stayers !== 1 || !isEnding(zygote)) break;
      bytes += zygote.sharedBytes;
    }
    return bytes;
  }
}
