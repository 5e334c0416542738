import { assert } from "../basics/errors.js";
import { NONE } from "../basics/none.js";
import type { PackageSet } from "../contract/package-set.js";
import type { ContainerId, Victim, ZygoteId } from "../contract/policy.js";
import type { InstallCache } from "./install-cache.js";
import type { Room } from "./room.js";
import { SharedPages } from "./shared-pages.js";
import type { EngineState } from "./state.js";
import { BUSY, DESTROYING, PAUSED, PAUSING } from "./tables/container-table.js";
import { HANDLER, RUNNING, ZYGOTE_TIER } from "./tables/ledger.js";
import type { ZygoteEntry } from "./tables/zygote-table.js";

/** Failed destructions after which the bytes count as leaked. */
const DESTROY_ATTEMPTS = 3;

/** Frees memory: asks the `evict` policy, destroys what it names, and corrects the ledger. */
export class Reclaimer {
  readonly #state: EngineState;
  readonly #installer: InstallCache;
  readonly #sharedPages: SharedPages;
  /**
   * The family whose policy is the reason that room was last refused while nothing ran: something
   * may go, and the policy did not name it. null: nothing may go.
   */
  #silentFamily: "evict" | "install" | null = null;

  constructor(state: EngineState, installer: InstallCache) {
    this.#state = state;
    this.#sharedPages = new SharedPages(state);
    this.#installer = installer;
  }

  /** Makes room for `bytes` by evicting what the policy names. */
  makeRoom(bytes: number): Room {
    const memory = this.#state.memory;
    if (memory.freeBytes >= bytes) return "free";
    if (bytes > memory.limitBytes) return "never";
    this.#evictUntilFree(bytes);
    if (memory.freeingBytes > 0) return "coming";
    this.#silentFamily = this.#mayEvict() ? "evict" : null;
    return "none";
  }

  /** Makes room for a process forked from `parent` that loads `loaded`; `parent` stays. */
  makeRoomFor(parent: ZygoteEntry | null, bytes: number, loaded: PackageSet): Room {
    if (parent !== null) parent.pins++;
    let room = this.makeRoom(bytes);
    if (room === "free") room = this.#makeDiskRoom(loaded);
    if (parent !== null) parent.pins--;
    return room;
  }

  /** Says why an invocation is rejected for which no room could be made. */
  warnOfNoRoom(room: "none" | "never"): void {
    const { observer } = this.#state;
    const silent = room === "none" ? this.#silentFamily : null;
    if (silent === null)
      observer.warned(
        "does-not-fit",
        "an invocation needs more memory or disk than can ever be free; it was rejected",
      );
    else
      observer.warned(
        silent === "evict" ? "no-victim" : "no-package-victim",
        `a start needs room and nothing runs, but the ${silent} policy named nothing that may go; the invocation was rejected`,
      );
  }

  /** Evicts until as many bytes are free as the policy wants to keep free in the background. */
  keepReserve(): void {
    const evict = this.#state.policies.evict;
    if (evict.reserveBytes !== undefined) this.#evictUntilFree(evict.reserveBytes(this.#state));
  }

  /** Destroys a container of the handler cache. */
  dropIdle(container: ContainerId, evicted: boolean): void {
    const { containers, memory, observer, nowUs } = this.#state;
    containers.leaveIdle(container);
    memory.move(HANDLER, RUNNING, containers.bytes[container], nowUs);
    observer.left(nowUs, "handler", evicted);
    if (containers.state[container] === PAUSING) containers.doomed[container] = 1;
    this.#destroyContainer(container, evicted);
  }

  /** Destroys a container that is not in the handler cache: its run or its pausing failed. */
  discard(container: ContainerId): void {
    this.#destroyContainer(container, false);
  }

  /** The pausing of a doomed container has ended, so that its destruction can begin. */
  destroyDoomed(container: ContainerId): void {
    this.#state.containers.state[container] = DESTROYING;
    this.#state.operations.destroyContainer(container);
  }

  /** Destroys a Zygote that has no children. */
  dropZygote(zygote: ZygoteEntry, evicted: boolean): void {
    const { zygotes, memory, observer, operations, nowUs } = this.#state;
    assert(zygote.children === 0 && zygote.pins === 0, "a Zygote in use was to be destroyed");
    for (const policy of this.#state.hooks.onZygoteGone)
      policy.onZygoteGone(this.#state, zygote.id, evicted);
    const aloneBytes = zygote.bytes - zygote.sharedBytes;
    memory.freeingBytes += aloneBytes;
    memory.move(ZYGOTE_TIER, RUNNING, aloneBytes, nowUs);
    zygotes.retire(zygote, "destroying");
    this.#sharedPages.foresee(zygote);
    observer.left(nowUs, "import", evicted);
    operations.destroyZygote(zygote.id);
  }

  onContainerDestroyed(container: ContainerId, ok: boolean): void {
    const { containers, memory, operations, observer } = this.#state;
    assert(
      containers.state[container] === DESTROYING,
      "a destruction completed that nobody asked for",
    );
    if (ok) {
      memory.freeingBytes -= containers.bytes[container];
      this.#releaseContainer(container);
    } else if (++containers.failures[container] < DESTROY_ATTEMPTS) {
      operations.destroyContainer(container);
    } else {
      memory.freeingBytes -= containers.bytes[container];
      const parent = containers.zygote[container];
      if (parent !== NONE) this.#sharedPages.stay(parent);
      observer.warned(
        "leaked-container",
        `a container could not be destroyed in ${DESTROY_ATTEMPTS} attempts; its memory stays charged`,
      );
    }
  }

  onZygoteDestroyed(zygote: ZygoteEntry, ok: boolean): void {
    const { memory, operations, observer } = this.#state;
    assert(zygote.state === "destroying", "a destruction completed that nobody asked for");
    if (!ok && ++zygote.failures < DESTROY_ATTEMPTS) {
      operations.destroyZygote(zygote.id);
      return;
    }
    memory.freeingBytes -= zygote.bytes - zygote.sharedBytes;
    if (ok) {
      this.#releaseZygote(zygote, RUNNING);
      return;
    }
    zygote.state = "leaked";
    this.#sharedPages.keep(zygote);
    observer.warned(
      "leaked-zygote",
      `a Zygote could not be destroyed in ${DESTROY_ATTEMPTS} attempts; its memory stays charged`,
    );
  }

  /** Releases all that was charged or pinned for a container that could not be made. */
  releaseUnmade(container: ContainerId): void {
    this.#leaveZygote(container);
    this.#releaseContainer(container);
  }

  /** Releases what a Zygote had that could not be made, or is dead; it is no longer live. */
  releaseDead(zygote: ZygoteEntry): void {
    this.#releaseZygote(zygote, ZYGOTE_TIER);
  }

  /** The backend reports that a Zygote died: it is forgotten without being destroyed. */
  forgetZygote(zygote: ZygoteEntry): void {
    for (const policy of this.#state.hooks.onZygoteGone)
      policy.onZygoteGone(this.#state, zygote.id, false);
    this.#state.observer.left(this.#state.nowUs, "import", false);
    this.#state.zygotes.retire(zygote, "orphan");
    this.releaseDead(zygote);
  }

  /** If dropping unused packages does not suffice, evicts one user of packages, to unpin them. */
  #makeDiskRoom(loaded: PackageSet): Room {
    const room = this.#installer.makeRoom(loaded);
    if (room !== "none") return room;
    const victim = this.#state.policies.evict.victim(this.#state, 0);
    if (victim !== null && this.#evict(victim)) return "coming";
    this.#silentFamily = this.#mayEvict() ? "evict" : this.#mayDropPackage() ? "install" : null;
    return "none";
  }

  /** Whether an evict policy could name something that may go. False while something runs. */
  #mayEvict(): boolean {
    const { containers, zygotes } = this.#state;
    if (!this.#state.isQuiet()) return false;
    return containers.idleCount > 0 || zygotes.live.some((id) => this.#mayDropZygote(id));
  }

  #mayDropPackage(): boolean {
    const { installs } = this.#state;
    if (!this.#state.isQuiet()) return false;
    return [...installs.installed].some((id) => !installs.isPinned(id));
  }

  #mayDropZygote(id: ZygoteId): boolean {
    const { zygotes } = this.#state;
    return zygotes.isReady(id) && !zygotes.isPinned(id) && zygotes.childZygotesOf(id) === 0;
  }

  #evictUntilFree(bytes: number): void {
    const { memory, policies } = this.#state;
    for (;;) {
      const shortBytes = bytes - memory.freeBytes - memory.freeingBytes;
      if (shortBytes <= 0) return;
      const victim = policies.evict.victim(this.#state, shortBytes);
      if (victim === null || !this.#evict(victim)) return;
    }
  }

  /** False: the policy named a container or Zygote that may not be evicted. */
  #evict(victim: Victim): boolean {
    const { containers, zygotes, observer } = this.#state;
    if (victim.tier === "handler") {
      if (containers.isIdle(victim.container)) {
        this.dropIdle(victim.container, true);
        return true;
      }
      observer.warned("victim-refused", "the evict policy named a container that is not idle");
      return false;
    }
    if (this.#mayDropZygote(victim.zygote)) {
      this.dropZygote(zygotes.get(victim.zygote), true);
      return true;
    }
    observer.warned(
      "victim-refused",
      "the evict policy named a Zygote that is in use, or has children",
    );
    return false;
  }

  #destroyContainer(container: ContainerId, evicted: boolean): void {
    const { containers, memory, operations, observer, hooks } = this.#state;
    const state = containers.state[container];
    assert(state >= BUSY && state <= PAUSED, "a container was to be destroyed before it was made");
    for (const policy of hooks.onContainerGone)
      policy.onContainerGone(this.#state, container, evicted);
    if (containers.prewarmed[container] === 1)
      observer.prewarmed(evicted ? "evicted" : "expired", 1);
    memory.freeingBytes += containers.bytes[container];
    this.#leaveZygote(container);
    containers.abandon(container);
    if (containers.doomed[container] === 1) return;
    containers.state[container] = DESTROYING;
    operations.destroyContainer(container);
  }

  #releaseContainer(container: ContainerId): void {
    const { containers, memory, functions, nowUs } = this.#state;
    memory.release(RUNNING, containers.bytes[container], nowUs);
    const parent = containers.zygote[container];
    if (parent !== NONE) this.#sharedPages.unmap(parent);
    this.#installer.unpin(functions[containers.functionId[container]].closure);
    containers.remove(container);
  }

  /** Its own bytes are charged to `tier`. Its shared pages stay charged while a process maps them. */
  #releaseZygote(zygote: ZygoteEntry, tier: number): void {
    const { memory, nowUs } = this.#state;
    memory.release(tier, zygote.bytes - zygote.sharedBytes, nowUs);
    this.#installer.unpin(zygote.packages);
    zygote.state = "orphan";
    this.#sharedPages.foresee(zygote);
    this.#sharedPages.free(zygote);
  }

  /** The container no longer counts among those that its Zygote has to stay for. */
  #leaveZygote(container: ContainerId): void {
    const parent = this.#state.containers.zygote[container];
    if (parent === NONE) return;
    this.#state.zygotes.get(parent).containers--;
    this.#sharedPages.leave(parent);
  }
}
