import { NONE } from "../basics/none.js";
import { type Completion, PHASES } from "../contract/backend.js";
import { containerBytes } from "../contract/footprint.js";
import { COLD, ROOT_ZYGOTE, ZYGOTE, ZYGOTE_BUILT } from "../contract/observer.js";
import type { PackageSet } from "../contract/package-set.js";
import type { ContainerId, ZygoteId, ZygotePlan, ZygoteSpec } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";
import { CONTAINER_READY, FUNCTION_FORSAKEN, START_FAILED } from "./follow-ups.js";
import { lookUpImports } from "./import-lookup.js";
import type { InstallCache } from "./install-cache.js";
import type { Reclaimer } from "./reclaimer.js";
import type { Room } from "./room.js";
import type { EngineState } from "./state.js";
import { CREATING } from "./tables/container-table.js";
import type { InvocationSlot } from "./tables/invocation-table.js";
import { RUNNING } from "./tables/ledger.js";
import type { ZygoteClient, ZygoteEntry } from "./tables/zygote-table.js";
import type { ZygoteMaker } from "./zygote-maker.js";

/**
 * Zygotes that one container may have created for it, each under the last: process-id namespaces
 * nest 32 deep.
 */
const CREATIONS_PER_CONTAINER = 30;
const INSTALL = PHASES.indexOf("install");

/** Makes containers, from a policy's plan through installs and the creation to a ready handler. */
export class Provisioner {
  readonly #state: EngineState;
  readonly #installer: InstallCache;
  readonly #reclaimer: Reclaimer;
  readonly #zygotes: ZygoteMaker;

  constructor(
    state: EngineState,
    installer: InstallCache,
    reclaimer: Reclaimer,
    zygotes: ZygoteMaker,
  ) {
    this.#state = state;
    this.#installer = installer;
    this.#reclaimer = reclaimer;
    this.#zygotes = zygotes;
  }

  /** Begins a start that no idle container can serve. Unless "free", nothing was begun. */
  begin(slot: InvocationSlot): Room {
    const { invocations } = this.#state;
    const functionId = invocations.functionId[slot];
    const client = { slot, functionId, creations: invocations.creations[slot] };
    if (invocations.failures[slot] > 0) return this.#createContainer(functionId, NONE, slot);
    const begun = this.#begin(client);
    return begun === "at-zygote" ? "free" : begun;
  }

  /**
   * Begins a container ahead of any invocation, as for an arrival. "at-zygote": it waits for a
   * Zygote. Unless "free" or "at-zygote", nothing was begun.
   */
  prewarm(functionId: FunctionId, creations: number): Room | "at-zygote" {
    const begun = this.#begin({ slot: NONE, functionId, creations });
    if (begun === "free" || begun === "at-zygote") this.#reclaimer.keepReserve();
    return begun;
  }

  onCreated(container: ContainerId, completion: Completion): void {
    const { containers, zygotes, invocations, nowUs, hooks, followUps } = this.#state;
    const parent = containers.zygote[container];
    if (parent !== NONE) zygotes.get(parent).pins--;
    if (completion.status !== "ok") {
      if (completion.status === "parent-died" && zygotes.isLive(parent))
        this.#zygotes.died(zygotes.get(parent));
      this.#dropUnmade(container);
      return;
    }
    if (parent !== NONE) this.#countFork(zygotes.get(parent), containers.functionId[container]);
    const installUs = containers.installedAt[container] - containers.createdAt[container];
    containers.provisionUs[container] = installUs + nowUs - containers.begunAt[container];
    containers.remakeTimes.add(
      containers.functionId[container],
      parent !== NONE,
      completion.workUs,
      nowUs - containers.begunAt[container],
    );
    const slot = containers.invocation[container];
    if (slot !== NONE) {
      invocations.addPhase(slot, INSTALL, installUs);
      for (let phase = 0; phase < PHASES.length; phase++)
        invocations.addPhase(slot, phase, completion.phaseUs[phase]);
      invocations.provisionUs[slot] = nowUs - invocations.begunAt[slot];
      invocations.startKind[slot] = this.#startKind(slot, parent);
    }
    for (const policy of hooks.onContainerReady) policy.onContainerReady(this.#state, container);
    followUps.add(CONTAINER_READY, container);
  }

  /** A package that a container being made waited for is installed. */
  installed(container: ContainerId, generation: number): void {
    const { containers } = this.#state;
    if (containers.generation[container] !== generation) return;
    if (--containers.missing[container] === 0) this.#requestCreation(container);
  }

  notInstalled(container: ContainerId, generation: number): void {
    const { containers, zygotes } = this.#state;
    if (containers.generation[container] !== generation) return;
    const parent = containers.zygote[container];
    if (parent !== NONE) zygotes.get(parent).pins--;
    this.#dropUnmade(container);
  }

  #begin(client: ZygoteClient): Room | "at-zygote" {
    const { zygotes } = this.#state;
    const { create, forkFrom } = this.#plan(client);
    if (create !== null) {
      const room = this.#createZygote(create, forkFrom, client);
      if (room === "free") return "at-zygote";
      if (room === "coming") return room;
    }
    if (forkFrom === NONE || zygotes.isReady(forkFrom))
      return this.#createContainer(client.functionId, forkFrom, client.slot);
    const room = this.#zygotes.join(zygotes.get(forkFrom), client);
    return room === "free" ? "at-zygote" : room;
  }

  /** The policy's answer, without what the rules forbid. */
  #plan({ functionId, creations }: ZygoteClient): ZygotePlan {
    const plan = this.#state.policies.zygote.choose(this.#state, functionId);
    const mayCreate = plan.create !== null && creations < CREATIONS_PER_CONTAINER;
    return {
      forkFrom: this.#forkable(plan.forkFrom, functionId),
      create: mayCreate && this.#isSound(plan.create) ? plan.create : null,
    };
  }

  /** SOCK's security rule: a container inherits only packages that its function may import. */
  #forkable(zygote: ZygoteId, functionId: FunctionId): ZygoteId {
    const { zygotes, functions, observer } = this.#state;
    if (zygote === NONE) return NONE;
    if (
      zygotes.isLive(zygote) &&
      zygotes.get(zygote).packages.isSubsetOf(functions[functionId].closure)
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

  /** Creates a Zygote. `forkFrom`, which is forked if that fails, may not be evicted meanwhile. */
  #createZygote(spec: ZygoteSpec, forkFrom: ZygoteId, client: ZygoteClient): Room {
    const kept = forkFrom === NONE ? null : this.#state.zygotes.get(forkFrom);
    if (kept !== null) kept.pins++;
    const room = this.#zygotes.create(spec, client);
    if (kept !== null) kept.pins--;
    return room;
  }

  #createContainer(functionId: FunctionId, parentId: ZygoteId, slot: InvocationSlot): Room {
    const { zygotes, memory, functions, config, containers, invocations, nowUs } = this.#state;
    const profile = functions[functionId];
    const parent = parentId === NONE ? null : zygotes.get(parentId);
    const bytes = containerBytes(profile, parent?.inheritedBytes ?? 0, config.footprint);
    const loaded = this.#loadedBy(functionId, parent);
    const room = this.#reclaimer.makeRoomFor(parent, bytes, loaded);
    if (room !== "free") return room;
    memory.charge(RUNNING, bytes, nowUs);
    const container = containers.add(functionId, parentId, slot, bytes, nowUs);
    this.#state.activate(container);
    if (parent !== null) {
      parent.containers++;
      parent.sharers++;
      parent.stayers++;
      parent.pins++;
    }
    if (slot !== NONE) {
      invocations.begin(slot, nowUs);
      invocations.container[slot] = container;
      lookUpImports(this.#state, slot, parentId);
    }
    this.#installer.pin(profile.closure);
    const waiter = {
      isZygote: false,
      id: container,
      generation: containers.generation[container],
    };
    containers.missing[container] = this.#installer.request(loaded, waiter, slot);
    if (containers.missing[container] === 0) this.#requestCreation(container);
    return "free";
  }

  /** The container has its packages. Its creation begins as soon as there is a place for it. */
  #requestCreation(container: ContainerId): void {
    const { containers, creations, nowUs } = this.#state;
    containers.installedAt[container] = nowUs;
    if (creations.request(false, container)) this.beginCreation(container);
  }

  /** Creates a container that has its packages. The time that it waited for a place is queue time. */
  beginCreation(container: ContainerId): void {
    const { containers, invocations, zygotes, operations, nowUs } = this.#state;
    const functionId = containers.functionId[container];
    const parent = containers.zygote[container];
    const loaded = this.#loadedBy(functionId, parent === NONE ? null : zygotes.get(parent));
    containers.state[container] = CREATING;
    containers.begunAt[container] = nowUs;
    const slot = containers.invocation[container];
    if (slot !== NONE) invocations.begunAt[slot] += nowUs - containers.installedAt[container];
    operations.createContainer(container, functionId, parent, loaded.ids);
  }

  /**
   * The packages that a container of the function imports itself: all of them if `parent` is null.
   */
  #loadedBy(functionId: FunctionId, parent: ZygoteEntry | null): PackageSet {
    const { closure } = this.#state.functions[functionId];
    if (parent === null) return closure;
    const known = parent.lackedBy.get(functionId);
    if (known !== undefined) return known;
    const lacked = closure.minus(parent.packages);
    parent.lackedBy.set(functionId, lacked);
    return lacked;
  }

  #countFork(zygote: ZygoteEntry, functionId: FunctionId): void {
    zygote.forks++;
    zygote.lastUsedUs = this.#state.nowUs;
    for (const policy of this.#state.hooks.onFork)
      policy.onFork(this.#state, zygote.id, functionId);
  }

  #startKind(slot: InvocationSlot, parent: ZygoteId): number {
    if (parent === NONE) return COLD;
    if (this.#state.invocations.awaitedZygote[slot] === 1) return ZYGOTE_BUILT;
    return this.#state.zygotes.packagesOf(parent).size > 0 ? ZYGOTE : ROOT_ZYGOTE;
  }

  /** Removes a container that could not be made; its invocation tries again or fails. */
  #dropUnmade(container: ContainerId): void {
    const { containers, followUps, observer } = this.#state;
    const slot = containers.invocation[container];
    this.#state.deactivate(container);
    containers.abandon(container);
    containers.endMaking(container);
    if (containers.prewarmed[container] === 1) observer.prewarmed("failed", 1);
    if (slot !== NONE) {
      this.#state.invocations.container[slot] = NONE;
      followUps.add(START_FAILED, slot);
    } else followUps.add(FUNCTION_FORSAKEN, containers.functionId[container]);
    this.#reclaimer.releaseUnmade(container);
  }
}
