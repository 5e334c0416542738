import { NONE } from "../basics/none.js";
import { type Completion, PHASES } from "../contract/backend.js";
import { containerBytes, importedBytes, zygoteBytes } from "../contract/footprint.js";
import { PackageSet } from "../contract/package-set.js";
import type { ZygoteId, ZygoteSpec } from "../contract/policy.js";
import { PREWARM_AGAIN, PREWARM_FAILED, START_AGAIN, START_FAILED } from "./follow-ups.js";
import { lookUpImports } from "./import-lookup.js";
import type { InstallCache } from "./install-cache.js";
import type { Reclaimer } from "./reclaimer.js";
import type { Room } from "./room.js";
import type { EngineState } from "./state.js";
import type { InvocationSlot } from "./tables/invocation-table.js";
import { ZYGOTE_TIER } from "./tables/ledger.js";
import type { ZygoteClient, ZygoteEntry, ZygoteWaiter } from "./tables/zygote-table.js";

const INSTALL = PHASES.indexOf("install");
/** The phases of a Zygote's own creation, last first. */
const CREATION_BACKWARDS: readonly number[] = [
  PHASES.indexOf("import"),
  PHASES.indexOf("fork"),
  PHASES.indexOf("create"),
];

/** Makes Zygotes, and reserves memory for the starts that wait for them. */
export class ZygoteMaker {
  readonly #state: EngineState;
  readonly #installer: InstallCache;
  readonly #reclaimer: Reclaimer;

  constructor(state: EngineState, installer: InstallCache, reclaimer: Reclaimer) {
    this.#state = state;
    this.#installer = installer;
    this.#reclaimer = reclaimer;
  }

  /** The root Zygote, for policies that want it from the start. */
  createRoot(): void {
    this.create({ parent: NONE, packages: PackageSet.EMPTY }, null);
  }

  /**
   * `client` waits for the Zygote; null: nothing waits for it yet. "none", "never": there is no
   * memory for it.
   */
  create(spec: ZygoteSpec, client: ZygoteClient | null): Room {
    const { zygotes, memory, packages, config, nowUs } = this.#state;
    const underWay = this.#sameUnderWay(spec);
    if (underWay !== null) return this.join(underWay, client);
    const parent = spec.parent === NONE ? null : zygotes.get(spec.parent);
    const added = parent === null ? spec.packages : spec.packages.minus(parent.packages);
    const addedBytes = importedBytes(added, packages);
    const bytes = zygoteBytes(addedBytes, parent !== null, config.footprint);
    const inheritedBytes =
      (parent?.inheritedBytes ?? config.footprint.interpreterBytes) + addedBytes;
    const promisedBytes = this.#forkedBytes(client, inheritedBytes);
    const room = this.#reclaimer.makeRoomFor(parent, bytes + promisedBytes, added);
    if (room !== "free") return room;
    memory.charge(ZYGOTE_TIER, bytes, nowUs);
    const sharedBytes = Math.max(bytes - config.footprint.forkPrivateBytes, 0);
    const { parent: parentId, packages: all } = spec;
    const zygote = zygotes.add({
      parent: parentId,
      packages: all,
      added,
      createdAtUs: nowUs,
      importUs: added.ids.reduce((sum, id) => sum + packages[id].importUs, 0),
      bytes,
      sharedBytes,
      inheritedBytes,
    });
    if (parent !== null) parent.pins++;
    if (client !== null) {
      this.#waitFor(zygote, { ...client, creations: client.creations + 1 }, promisedBytes);
    }
    this.#installer.pin(all);
    const waiter = { isZygote: true, id: zygote.id, generation: zygote.generation };
    zygote.missing = this.#installer.request(added, waiter, client?.slot ?? NONE);
    if (zygote.missing === 0) this.#requestCreation(zygote);
    return "free";
  }

  /**
   * Waits for a Zygote being made, if there is memory for the container that will be forked from
   * it.
   */
  join(zygote: ZygoteEntry, client: ZygoteClient | null): Room {
    const promisedBytes = this.#forkedBytes(client, zygote.inheritedBytes);
    const room = this.#reclaimer.makeRoomFor(zygote, promisedBytes, PackageSet.EMPTY);
    if (room === "free" && client !== null) this.#waitFor(zygote, client, promisedBytes);
    return room;
  }

  onCreated(zygote: ZygoteEntry, completion: Completion): void {
    const { zygotes, observer, hooks, followUps } = this.#state;
    if (zygote.parent !== NONE) zygotes.get(zygote.parent).pins--;
    if (completion.status !== "ok") {
      if (completion.status === "parent-died" && zygotes.isLive(zygote.parent))
        this.died(zygotes.get(zygote.parent));
      this.#dropUnmade(zygote);
      return;
    }
    zygote.state = "ready";
    zygotes.version++;
    zygote.lastUsedUs = this.#state.nowUs;
    observer.inserted(this.#state.nowUs, "import");
    const createUs = this.#state.nowUs - zygote.begunAtUs;
    for (const policy of hooks.onZygoteReady)
      policy.onZygoteReady(this.#state, zygote.id, createUs);
    for (const waiter of this.#takeWaiters(zygote)) {
      const { slot, functionId, creations } = waiter;
      if (slot === NONE) {
        followUps.add(PREWARM_AGAIN, functionId, creations);
        continue;
      }
      this.#countZygoteWait(waiter, zygote, completion);
      followUps.add(START_AGAIN, slot);
    }
  }

  /** A package that a Zygote being made waited for is installed. */
  installed(id: ZygoteId, generation: number): void {
    const zygote = this.#waitingZygote(id, generation);
    if (zygote !== null && --zygote.missing === 0) this.#requestCreation(zygote);
  }

  notInstalled(id: ZygoteId, generation: number): void {
    const zygote = this.#waitingZygote(id, generation);
    if (zygote === null) return;
    if (zygote.parent !== NONE) this.#state.zygotes.get(zygote.parent).pins--;
    this.#dropUnmade(zygote);
  }

  /** The backend found the Zygote dead, so the engine forgets it. */
  died(zygote: ZygoteEntry): void {
    this.#state.observer.warned(
      "zygote-died",
      "a Zygote died; starts that were to fork it begin again without it",
    );
    this.#reclaimer.forgetZygote(zygote);
  }

  /** It has its packages. Its creation begins as soon as there is a place for it. */
  #requestCreation(zygote: ZygoteEntry): void {
    zygote.installedAtUs = this.#state.nowUs;
    if (this.#state.creations.request(true, zygote.id)) this.beginCreation(zygote);
  }

  beginCreation(zygote: ZygoteEntry): void {
    zygote.state = "creating";
    zygote.begunAtUs = this.#state.nowUs;
    this.#state.operations.createZygote(zygote.id, zygote.parent, zygote.added.ids);
  }

  #sameUnderWay(spec: ZygoteSpec): ZygoteEntry | null {
    const { zygotes } = this.#state;
    if (spec.parent !== NONE && !zygotes.isReady(spec.parent)) return zygotes.get(spec.parent);
    const id = zygotes.live.find(
      (live) =>
        !zygotes.isReady(live) &&
        zygotes.parentOf(live) === spec.parent &&
        zygotes.packagesOf(live).equals(spec.packages),
    );
    return id === undefined ? null : zygotes.get(id);
  }

  #waitFor(zygote: ZygoteEntry, client: ZygoteClient, promisedBytes: number): void {
    const { invocations, memory, nowUs } = this.#state;
    const { slot, creations } = client;
    if (slot !== NONE) {
      invocations.begin(slot, nowUs);
      invocations.zygote[slot] = zygote.id;
      invocations.creations[slot] = creations;
      invocations.awaitedZygote[slot] = 1;
      lookUpImports(this.#state, slot, zygote.id);
    }
    memory.promisedBytes += promisedBytes;
    zygote.waiters.push({ ...client, sinceUs: nowUs, promisedBytes });
  }

  /** Takes out all waiters of a Zygote, and ends the reservation of memory for them. */
  #takeWaiters(zygote: ZygoteEntry): readonly ZygoteWaiter[] {
    const waiters = zygote.waiters.splice(0);
    for (const { slot, promisedBytes } of waiters) {
      if (slot !== NONE) this.#state.invocations.zygote[slot] = NONE;
      this.#state.memory.promisedBytes -= promisedBytes;
    }
    return waiters;
  }

  /** The invocation, which waits for the Zygote, is served by a container. */
  stopWaiting(zygote: ZygoteEntry, slot: InvocationSlot): void {
    const at = zygote.waiters.findIndex((waiter) => waiter.slot === slot);
    const [{ promisedBytes }] = zygote.waiters.splice(at, 1);
    this.#state.memory.promisedBytes -= promisedBytes;
  }

  /** Bytes of the client's container if it inherits `inheritedBytes`; 0 without a client. */
  #forkedBytes(client: ZygoteClient | null, inheritedBytes: number): number {
    if (client === null) return 0;
    const { functions, config } = this.#state;
    return containerBytes(functions[client.functionId], inheritedBytes, config.footprint);
  }

  /** The Zygote that asked for a package; null if it is gone by now. */
  #waitingZygote(id: ZygoteId, generation: number): ZygoteEntry | null {
    const { zygotes } = this.#state;
    const zygote = zygotes.isLive(id) ? zygotes.get(id) : null;
    return zygote?.generation === generation ? zygote : null;
  }

  /**
   * Counts the wait for a Zygote in the phases of its creation; a late waiter shared only the last
   * ones. The time in which the creation waited for its place is queue time.
   */
  #countZygoteWait(
    { slot, sinceUs }: ZygoteWaiter,
    { installedAtUs, begunAtUs }: ZygoteEntry,
    completion: Completion,
  ): void {
    const { invocations, nowUs } = this.#state;
    let leftUs = nowUs - sinceUs;
    const queuedUs = Math.max(0, begunAtUs - Math.max(installedAtUs, sinceUs));
    invocations.begunAt[slot] += queuedUs;
    leftUs -= queuedUs;
    for (const phase of CREATION_BACKWARDS) {
      const partUs = Math.min(leftUs, completion.phaseUs[phase]);
      invocations.addPhase(slot, phase, partUs);
      leftUs -= partUs;
    }
    invocations.addPhase(slot, INSTALL, leftUs);
  }

  #dropUnmade(zygote: ZygoteEntry): void {
    const { zygotes, followUps } = this.#state;
    for (const { slot, functionId } of this.#takeWaiters(zygote)) {
      if (slot === NONE) followUps.add(PREWARM_FAILED, functionId);
      else followUps.add(START_FAILED, slot);
    }
    zygotes.retire(zygote, "orphan");
    this.#reclaimer.releaseDead(zygote);
  }
}
