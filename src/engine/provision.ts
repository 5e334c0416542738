import { type Completion, PHASES } from "./backend.js";
import { CREATING } from "./container-table.js";
import { containerBytes, importedBytes, zygoteBytes } from "./footprint.js";
import type { InstallWaiter } from "./install-table.js";
import type { Installer } from "./installer.js";
import type { InvocationSlot } from "./invocation-table.js";
import { RUNNING, ZYGOTE_TIER } from "./ledger.js";
import { COLD, ROOT_ZYGOTE, ZYGOTE } from "./observer.js";
import { PackageSet } from "./package-set.js";
import {
  type ContainerId,
  NONE,
  type ZygoteId,
  type ZygotePlan,
  type ZygoteSpec,
} from "./policy.js";
import type { Reclaimer, Room } from "./reclaim.js";
import type { EngineState } from "./state.js";
import type { FunctionId } from "./workload.js";
import type { Zygote, ZygoteWaiter } from "./zygote-table.js";

/** Zygotes that may be created, one under the other, for one invocation: process-id namespaces nest 32 deep. */
const CREATIONS_PER_INVOCATION = 30;
const [INSTALL, CREATE, FORK, IMPORT] = PHASES.map((_, index) => index) as [
  number,
  number,
  number,
  number,
];

/** What becomes of an invocation whose provisioning has ended, well or not. */
export interface ProvisionOutcomes {
  /** The container is ready; its `invocation` is the one it was made for, or NONE. */
  ready(container: ContainerId): void;
  /** The Zygote it waited for is ready, or gone: decide again how to start. */
  again(slot: InvocationSlot): void;
  /** An operation on its behalf failed. */
  failed(slot: InvocationSlot): void;
}

/** Makes containers and Zygotes: from a policy's plan through installs and creations to a ready handler. */
export class Provisioner {
  readonly #state: EngineState;
  readonly #installer: Installer;
  readonly #reclaimer: Reclaimer;
  readonly #outcomes: ProvisionOutcomes;

  constructor(
    state: EngineState,
    installer: Installer,
    reclaimer: Reclaimer,
    outcomes: ProvisionOutcomes,
  ) {
    this.#state = state;
    this.#installer = installer;
    this.#reclaimer = reclaimer;
    this.#outcomes = outcomes;
  }

  /** Begins a start that no idle container can serve. Anything but "free" changed nothing: try again later. */
  begin(slot: InvocationSlot): Room {
    const { invocations, zygotes } = this.#state;
    const functionId = invocations.functionId[slot]!;
    const plan = this.#plan(slot, functionId);
    if (plan.create !== null) {
      const room = this.#createZygote(plan.create, slot);
      if (room === "free" || room === "coming") return room;
    }
    if (plan.forkFrom !== NONE && !zygotes.isReady(plan.forkFrom))
      return this.#joinWaiters(zygotes.get(plan.forkFrom), slot);
    return this.#createContainer(functionId, plan.forkFrom, slot);
  }

  /** Makes a container ahead of any invocation, where memory is free without evicting anything. */
  prewarm(functionId: FunctionId): void {
    const { zygotes, memory, functions, policies, config } = this.#state;
    const parent = this.#forkable(
      policies.zygote.choose(this.#state, functionId).forkFrom,
      functionId,
    );
    if (parent !== NONE && !zygotes.isReady(parent)) return;
    const inheritedBytes = parent === NONE ? 0 : zygotes.get(parent).inheritedBytes;
    if (memory.freeBytes < containerBytes(functions[functionId]!, inheritedBytes, config.footprint))
      return;
    this.#createContainer(functionId, parent, NONE);
  }

  /** The root Zygote, for policies that want it from the start. */
  createRoot(): void {
    this.#createZygote({ parent: NONE, packages: PackageSet.EMPTY }, NONE);
  }

  onContainerCreated(container: ContainerId, completion: Completion): void {
    const { containers, zygotes, invocations, nowUs, hooks } = this.#state;
    const parent = containers.zygote[container]!;
    if (parent !== NONE) zygotes.get(parent).pins--;
    if (completion.status !== "ok") {
      if (completion.status === "parent-died" && zygotes.isLive(parent))
        this.#zygoteDied(zygotes.get(parent));
      this.#dropUnmade(container);
      return;
    }
    if (parent !== NONE) this.#countFork(zygotes.get(parent), containers.functionId[container]!);
    containers.provisionUs[container] = nowUs - containers.createdAt[container]!;
    const slot = containers.invocation[container]!;
    if (slot !== NONE) {
      invocations.addPhase(
        slot,
        INSTALL,
        containers.installedAt[container]! - containers.createdAt[container]!,
      );
      for (let phase = 0; phase < PHASES.length; phase++)
        invocations.addPhase(slot, phase, completion.phaseUs[phase]!);
      invocations.provisionUs[slot] = nowUs - invocations.begunAt[slot]!;
      invocations.startKind[slot] = this.#startKind(parent);
    }
    for (const policy of hooks.onContainerReady) policy.onContainerReady(this.#state, container);
    this.#outcomes.ready(container);
  }

  onZygoteCreated(zygote: Zygote, completion: Completion): void {
    const { zygotes, observer, hooks } = this.#state;
    if (zygote.parent !== NONE) zygotes.get(zygote.parent).pins--;
    if (completion.status !== "ok") {
      if (completion.status === "parent-died" && zygotes.isLive(zygote.parent))
        this.#zygoteDied(zygotes.get(zygote.parent));
      this.#dropUnmadeZygote(zygote);
      return;
    }
    zygote.state = "ready";
    zygotes.version++;
    zygote.lastUsedUs = this.#state.nowUs;
    observer.inserted("import");
    for (const policy of hooks.onZygoteReady) policy.onZygoteReady(this.#state, zygote.id);
    for (const waiter of this.#takeWaiters(zygote)) {
      this.#countZygoteWait(waiter.slot, waiter.sinceUs, completion);
      this.#outcomes.again(waiter.slot);
    }
  }

  /** All packages that a container or Zygote under way waited for are there. */
  installed(waiter: InstallWaiter): void {
    const { containers } = this.#state;
    if (waiter.isZygote) {
      const zygote = this.#waitingZygote(waiter);
      if (zygote !== null && --zygote.missing === 0) this.#beginZygote(zygote);
      return;
    }
    if (containers.generation[waiter.id] !== waiter.generation) return;
    if (--containers.missing[waiter.id]! === 0) this.#beginContainer(waiter.id);
  }

  notInstalled(waiter: InstallWaiter): void {
    const { containers, zygotes } = this.#state;
    if (waiter.isZygote) {
      const zygote = this.#waitingZygote(waiter);
      if (zygote === null) return;
      if (zygote.parent !== NONE) zygotes.get(zygote.parent).pins--;
      this.#dropUnmadeZygote(zygote);
      return;
    }
    if (containers.generation[waiter.id] !== waiter.generation) return;
    const parent = containers.zygote[waiter.id]!;
    if (parent !== NONE) zygotes.get(parent).pins--;
    this.#dropUnmade(waiter.id);
  }

  /** The policy's answer, with what the rules forbid taken out. */
  #plan(slot: InvocationSlot, functionId: FunctionId): ZygotePlan {
    const { invocations, policies } = this.#state;
    if (invocations.failures[slot]! > 0) return { forkFrom: NONE, create: null };
    const plan = policies.zygote.choose(this.#state, functionId);
    const mayCreate =
      plan.create !== null && invocations.creations[slot]! < CREATIONS_PER_INVOCATION;
    return {
      forkFrom: this.#forkable(plan.forkFrom, functionId),
      create: mayCreate && this.#isSound(plan.create!) ? plan.create : null,
    };
  }

  /** SOCK's security rule: a container may inherit only what its function would import itself. */
  #forkable(zygote: ZygoteId, functionId: FunctionId): ZygoteId {
    const { zygotes, functions, observer } = this.#state;
    if (zygote === NONE) return NONE;
    if (
      zygotes.isLive(zygote) &&
      zygotes.get(zygote).packages.isSubsetOf(functions[functionId]!.closure)
    )
      return zygote;
    observer.warned(
      "fork-refused",
      "the zygote policy chose a Zygote that is gone, or has a package outside the function's closure",
    );
    return NONE;
  }

  #isSound(spec: ZygoteSpec): boolean {
    const { zygotes, observer } = this.#state;
    if (spec.parent === NONE) return true;
    if (zygotes.isLive(spec.parent) && zygotes.get(spec.parent).packages.isSubsetOf(spec.packages))
      return true;
    observer.warned(
      "zygote-refused",
      "the zygote policy asked for a Zygote whose parent is gone, or has packages the child lacks",
    );
    return false;
  }

  /** `slot` waits for the Zygote; NONE: nobody does yet. "none" and "never": memory for it cannot be had. */
  #createZygote(spec: ZygoteSpec, slot: InvocationSlot): Room {
    const { zygotes, memory, packages, config, invocations, nowUs } = this.#state;
    const underWay = this.#sameUnderWay(spec);
    if (underWay !== null) return this.#joinWaiters(underWay, slot);
    const parent = spec.parent === NONE ? null : zygotes.get(spec.parent);
    const added = parent === null ? spec.packages : spec.packages.minus(parent.packages);
    const addedBytes = importedBytes(added, packages);
    const bytes = zygoteBytes(addedBytes, parent !== null, config.footprint);
    const inheritedBytes =
      (parent?.inheritedBytes ?? config.footprint.interpreterBytes) + addedBytes;
    const promisedBytes = this.#forkedBytes(slot, inheritedBytes);
    const room = this.#makeRoom(parent, bytes + promisedBytes, added);
    if (room !== "free") return room;
    memory.charge(ZYGOTE_TIER, bytes, nowUs);
    const sharedBytes = Math.max(bytes - config.footprint.forkPrivateBytes, 0);
    const { parent: parentId, packages: all } = spec;
    const zygote = zygotes.add({
      parent: parentId,
      packages: all,
      added,
      createdAtUs: nowUs,
      bytes,
      sharedBytes,
      inheritedBytes,
    });
    if (parent !== null) parent.pins++;
    if (slot !== NONE) {
      invocations.creations[slot]!++;
      this.#waitFor(zygote, slot, promisedBytes);
    }
    this.#installer.pin(all);
    zygote.missing = this.#installer.request(all, added, {
      isZygote: true,
      id: zygote.id,
      generation: zygote.generation,
    });
    if (zygote.missing === 0) this.#beginZygote(zygote);
    return "free";
  }

  #createContainer(functionId: FunctionId, parentId: ZygoteId, slot: InvocationSlot): Room {
    const { zygotes, memory, functions, config, containers, invocations, observer, nowUs } =
      this.#state;
    const profile = functions[functionId]!;
    const parent = parentId === NONE ? null : zygotes.get(parentId);
    const bytes = containerBytes(profile, parent?.inheritedBytes ?? 0, config.footprint);
    const loaded = this.#loadedBy(functionId, parent);
    const room = this.#makeRoom(parent, bytes, loaded);
    if (room !== "free") return room;
    memory.charge(RUNNING, bytes, nowUs);
    const container = containers.add(functionId, parentId, slot, bytes, nowUs);
    this.#state.activeContainers++;
    if (parent !== null) {
      parent.containers++;
      parent.sharers++;
      parent.pins++;
    }
    if (slot !== NONE && invocations.begunAt[slot]! < 0) invocations.begunAt[slot] = nowUs;
    observer.lookedUp("import", parent !== null && parent.packages.size > 0);
    this.#installer.pin(profile.closure);
    const waiter = {
      isZygote: false,
      id: container,
      generation: containers.generation[container]!,
    };
    containers.missing[container] = this.#installer.request(profile.closure, loaded, waiter);
    if (containers.missing[container] === 0) this.#beginContainer(container);
    return "free";
  }

  /** Room in memory and on disk, while the parent stays where it is. */
  #makeRoom(parent: Zygote | null, bytes: number, loaded: PackageSet): Room {
    if (parent !== null) parent.pins++;
    const inMemory = this.#reclaimer.makeRoom(bytes);
    const room =
      inMemory === "free"
        ? this.#installer.makeRoom(loaded, () => this.#reclaimer.evictOne())
        : inMemory;
    if (parent !== null) parent.pins--;
    return room;
  }

  #beginContainer(container: ContainerId): void {
    const { containers, zygotes, operations, nowUs } = this.#state;
    const functionId = containers.functionId[container]!;
    const parent = containers.zygote[container]!;
    const loaded = this.#loadedBy(functionId, parent === NONE ? null : zygotes.get(parent));
    containers.state[container] = CREATING;
    containers.installedAt[container] = nowUs;
    operations.createContainer(container, functionId, parent, loaded.ids);
  }

  /** What a container of the function imports itself when it is forked from `parent`, or from nothing. */
  #loadedBy(functionId: FunctionId, parent: Zygote | null): PackageSet {
    const { closure } = this.#state.functions[functionId]!;
    if (parent === null) return closure;
    const known = parent.lackedBy.get(functionId);
    if (known !== undefined) return known;
    const lacked = closure.minus(parent.packages);
    parent.lackedBy.set(functionId, lacked);
    return lacked;
  }

  #beginZygote(zygote: Zygote): void {
    zygote.state = "creating";
    zygote.installedAtUs = this.#state.nowUs;
    this.#state.operations.createZygote(zygote.id, zygote.parent, zygote.added.ids);
  }

  #sameUnderWay(spec: ZygoteSpec): Zygote | null {
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

  /** Waits for a Zygote under way, if there is memory for the container that will be forked from it. */
  #joinWaiters(zygote: Zygote, slot: InvocationSlot): Room {
    const promisedBytes = this.#forkedBytes(slot, zygote.inheritedBytes);
    const room = this.#makeRoom(zygote, promisedBytes, PackageSet.EMPTY);
    if (room === "free" && slot !== NONE) this.#waitFor(zygote, slot, promisedBytes);
    return room;
  }

  #waitFor(zygote: Zygote, slot: InvocationSlot, promisedBytes: number): void {
    const { invocations, memory, nowUs } = this.#state;
    if (invocations.begunAt[slot]! < 0) invocations.begunAt[slot] = nowUs;
    memory.promisedBytes += promisedBytes;
    zygote.waiters.push({ slot, sinceUs: nowUs, promisedBytes });
  }

  /** Takes out all that wait for a Zygote; what was kept for them is free for them to take. */
  #takeWaiters(zygote: Zygote): readonly ZygoteWaiter[] {
    const waiters = zygote.waiters.splice(0);
    for (const { promisedBytes } of waiters) this.#state.memory.promisedBytes -= promisedBytes;
    return waiters;
  }

  /** Memory of the invocation's container when it inherits so much; none without an invocation. */
  #forkedBytes(slot: InvocationSlot, inheritedBytes: number): number {
    if (slot === NONE) return 0;
    const { functions, invocations, config } = this.#state;
    return containerBytes(
      functions[invocations.functionId[slot]!]!,
      inheritedBytes,
      config.footprint,
    );
  }

  /** The Zygote that asked for a package, null if it is gone by now. */
  #waitingZygote(waiter: InstallWaiter): Zygote | null {
    const { zygotes } = this.#state;
    const zygote = zygotes.isLive(waiter.id) ? zygotes.get(waiter.id) : null;
    return zygote?.generation === waiter.generation ? zygote : null;
  }

  #countFork(zygote: Zygote, functionId: FunctionId): void {
    zygote.forks++;
    zygote.lastUsedUs = this.#state.nowUs;
    for (const policy of this.#state.hooks.onFork)
      policy.onFork(this.#state, zygote.id, functionId);
  }

  #startKind(parent: ZygoteId): number {
    if (parent === NONE) return COLD;
    return this.#state.zygotes.packagesOf(parent).size > 0 ? ZYGOTE : ROOT_ZYGOTE;
  }

  /** The wait for a Zygote is provisioning, split as the Zygote's own; a late waiter shared only its end. */
  #countZygoteWait(slot: InvocationSlot, sinceUs: number, completion: Completion): void {
    const { invocations, nowUs } = this.#state;
    let leftUs = nowUs - sinceUs;
    for (const phase of [IMPORT, FORK, CREATE]) {
      const partUs = Math.min(leftUs, completion.phaseUs[phase]!);
      invocations.addPhase(slot, phase, partUs);
      leftUs -= partUs;
    }
    invocations.addPhase(slot, INSTALL, leftUs);
  }

  /** Takes back a container that never came to be; its invocation tries again or fails. */
  #dropUnmade(container: ContainerId): void {
    const { containers } = this.#state;
    const slot = containers.invocation[container]!;
    this.#state.activeContainers--;
    containers.forsake(container);
    if (slot === NONE) containers.settleUnbound(container);
    this.#reclaimer.releaseContainer(container);
    if (slot !== NONE) this.#outcomes.failed(slot);
  }

  #dropUnmadeZygote(zygote: Zygote): void {
    const { zygotes } = this.#state;
    const waiters = this.#takeWaiters(zygote);
    zygotes.retire(zygote, "orphan");
    this.#reclaimer.releaseZygote(zygote);
    for (const waiter of waiters) this.#outcomes.failed(waiter.slot);
  }

  #zygoteDied(zygote: Zygote): void {
    this.#state.observer.warned(
      "zygote-died",
      "a Zygote died; what was to be forked from it starts anew",
    );
    this.#reclaimer.forgetZygote(zygote);
  }
}
