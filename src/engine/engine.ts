import { assert, unreachable } from "../basics/errors.js";
import { NONE } from "../basics/none.js";
import { US_PER_MINUTE } from "../basics/units.js";
import { type Completion, PHASES } from "../contract/backend.js";
import type { MemoryTotals } from "../contract/memory-totals.js";
import {
  COMPLETED,
  DELAYED_WARM,
  FAILED,
  InvocationRecord,
  OUTCOMES,
  REJECTED,
  RESUMED,
  START_KINDS,
  TIMED_OUT,
  WARM,
} from "../contract/observer.js";
import type { ContainerId, View } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";
import { Acts } from "./acts.js";
import * as followUp from "./follow-ups.js";
import { HandlerCache } from "./handler-cache.js";
import { InstallCache } from "./install-cache.js";
import { MeasuredMemory } from "./measured-memory.js";
import { Prewarmer } from "./prewarmer.js";
import { Provisioner } from "./provisioner.js";
import { Reclaimer } from "./reclaimer.js";
import { type EngineSetup, EngineState } from "./state.js";
import { BUSY, IDLE, PAUSED, PAUSING } from "./tables/container-table.js";
import type { InvocationSlot } from "./tables/invocation-table.js";
import { Timers } from "./timers.js";
import { ZygoteMaker } from "./zygote-maker.js";

/** Attempts at provisioning before an invocation fails. */
const PROVISION_ATTEMPTS = 2;
const INSTALL = PHASES.indexOf("install");
const RESUME = PHASES.indexOf("resume");
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Makes all decisions for one machine, as a deterministic state machine. Events with times that
 * never go back come in; operations for a backend and facts for an observer go out. It reads no
 * clock, file or random source, so equal events yield equal operations.
 *
 * Of the events at one time, hand in completions first, then arrivals, then wakes.
 */
export class Engine {
  readonly #state: EngineState;
  readonly #reclaimer: Reclaimer;
  readonly #measured: MeasuredMemory;
  readonly #installer: InstallCache;
  readonly #zygoteMaker: ZygoteMaker;
  readonly #provisioner: Provisioner;
  readonly #timers: Timers;
  readonly #prewarmer: Prewarmer;
  readonly #acts: Acts;
  readonly #handlers: HandlerCache;
  readonly #record = new InvocationRecord();
  #nextMinuteUs = US_PER_MINUTE;

  constructor(setup: EngineSetup) {
    this.#state = new EngineState(setup);
    this.#timers = new Timers(this.#state.containers, setup.functions.length);
    this.#installer = new InstallCache(this.#state);
    this.#reclaimer = new Reclaimer(this.#state, this.#installer);
    this.#acts = new Acts(this.#state, this.#reclaimer);
    this.#measured = new MeasuredMemory(this.#state, this.#reclaimer);
    this.#zygoteMaker = new ZygoteMaker(this.#state, this.#installer, this.#reclaimer);
    this.#provisioner = new Provisioner(
      this.#state,
      this.#installer,
      this.#reclaimer,
      this.#zygoteMaker,
    );
    this.#prewarmer = new Prewarmer(this.#state, this.#provisioner, this.#timers);
    this.#handlers = new HandlerCache(this.#state, this.#reclaimer, this.#timers, this.#prewarmer);
  }

  /** The state that policies see. */
  get view(): View {
    return this.#state;
  }

  /** Hash over all operations so far and their times. */
  get digest(): string {
    return this.#state.operations.digest;
  }

  /** Invocations that have arrived but not ended. */
  get pending(): number {
    return this.#state.invocations.count;
  }

  memoryTotals(): MemoryTotals {
    return this.#state.memory.totals(this.#state.nowUs);
  }

  /** Disk usage over time in byte-microseconds, and at its peak in bytes. */
  diskTotals(): { readonly peakBytes: number; readonly byteUs: number } {
    const { installs, nowUs } = this.#state;
    return { peakBytes: installs.peakBytes, byteUs: installs.byteUs(nowUs) };
  }

  /** At time 0, puts the first packages on disk and begins the root Zygote. */
  start(): void {
    this.#acts.begin();
    this.#installer.preinstall();
    if (this.#state.policies.zygote.startsWithRoot) this.#zygoteMaker.createRoot();
  }

  /** An invocation arrives. `runUs` is passed to the backend; no policy sees it. */
  arrived(atUs: number, functionId: FunctionId, runUs: number): void {
    this.#advance(atUs);
    const { invocations, observer, hooks, containers, followUps } = this.#state;
    observer.arrived(atUs, functionId);
    for (const policy of hooks.onArrival) policy.onArrival(this.#state, functionId);
    this.#prewarmer.arrived(functionId);
    const slot = invocations.add(functionId, runUs, atUs);
    const isIdle = containers.idleCountOf(functionId) > 0;
    if (!isIdle && this.#waitsForContainer(functionId)) this.#wait(slot, false);
    else if (!isIdle && invocations.short.count(0) > 0) this.#wait(slot, true);
    else if (!this.#tryStart(slot)) this.#wait(slot, true);
    if (followUps.isEmpty) return;
    this.#followUp();
    this.#pump();
  }

  /** An invocation of a function without an idle container waits for one that is made or busy. */
  #waitsForContainer(functionId: FunctionId): boolean {
    const { containers, policies } = this.#state;
    if (containers.unboundOf(functionId) > containers.waitingOf(functionId)) return true;
    const isBusy = containers.busyCountOf(functionId) > 0;
    return isBusy && policies.dispatch.waitForBusy(this.#state, functionId);
  }

  completed(completion: Completion): void {
    this.#advance(completion.atUs);
    const { operation, id, status } = completion;
    if (status === "ok") this.#measured.take(completion);
    switch (operation) {
      case "run":
        this.#onRun(id, completion);
        break;
      case "pause":
        this.#onPaused(id, status === "ok");
        break;
      case "create-container":
        this.#provisioner.onCreated(id, completion);
        break;
      case "create-zygote":
        this.#zygoteMaker.onCreated(this.#state.zygotes.get(id), completion);
        break;
      case "install":
        this.#installer.onInstalled(id, status === "ok", completion.phaseUs[INSTALL]);
        break;
      case "uninstall":
        this.#installer.onUninstalled(id, status === "ok");
        break;
      case "destroy-container":
        this.#reclaimer.onContainerDestroyed(id, status === "ok");
        break;
      case "destroy-zygote":
        this.#reclaimer.onZygoteDestroyed(this.#state.zygotes.get(id), status === "ok");
        break;
      default:
        unreachable(operation);
    }
    if (!this.#state.followUps.isEmpty) this.#followUp();
    this.#measured.settle();
    this.#pump();
    if (this.#state.draining) this.#drainOn();
  }

  /** The time that `nextWakeUs` returned has come; an early call does no harm. */
  woke(atUs: number): void {
    this.#advance(atUs);
    const { invocations, config, followUps } = this.#state;
    this.#timers.fire(atUs, followUps);
    this.#followUp();
    this.#acts.fire(atUs);
    this.#followUp();
    for (;;) {
      const slot = invocations.waiting.first(0);
      if (slot === NONE || invocations.arrivedAt[slot] + config.queueTimeoutUs > atUs) break;
      invocations.stopWaiting(slot);
      this.#end(slot, TIMED_OUT);
    }
    this.#pump();
  }

  /** Nothing is going to happen on its own. */
  get #hasNoTimer(): boolean {
    return this.#timers.nextUs === NEVER && this.#acts.nextTickUs === NEVER;
  }

  /** The next time at which `woke` must be called; Infinity if it need not be. */
  nextWakeUs(): number {
    const { invocations, config } = this.#state;
    const first = invocations.waiting.first(0);
    const nextUs = Math.min(this.#timers.nextUs, this.#acts.nextTickUs);
    if (first === NONE) return nextUs;
    return Math.min(nextUs, invocations.arrivedAt[first] + config.queueTimeoutUs);
  }

  /** The run is over: destroys what is idle now, and the rest when completions leave it idle. */
  drain(atUs: number): void {
    this.#advance(atUs);
    this.#state.draining = true;
    this.#drainOn();
  }

  #advance(atUs: number): void {
    const state = this.#state;
    assert(atUs >= state.nowUs, "an event came before one that was already handled");
    assert(state.followUps.isEmpty, "an event left something to be done");
    while (atUs >= this.#nextMinuteUs) {
      state.observer.minuteEnded(
        this.#nextMinuteUs,
        state.memory,
        state.invocations.waiting.count(0),
      );
      this.#nextMinuteUs += US_PER_MINUTE;
    }
    state.nowUs = atUs;
    state.operations.nowUs = atUs;
  }

  /** Performs the follow-ups of an event, and the follow-ups of these. */
  #followUp(): void {
    const { followUps } = this.#state;
    for (let next = followUps.take(); next !== null; next = followUps.take()) {
      const { kind, id, generation } = next;
      switch (kind) {
        case followUp.CONTAINER_DUE:
          this.#handlers.onDue(id);
          break;
        case followUp.PREWARM_DUE:
          this.#prewarmer.onDue(id);
          break;
        case followUp.CONTAINER_READY:
          this.#onReady(id);
          break;
        case followUp.START_FAILED:
          this.#onStartFailed(id);
          break;
        case followUp.START_AGAIN:
          this.#startOrRequeue(id);
          break;
        case followUp.FUNCTION_FORSAKEN:
          this.#requeueForsaken(id);
          break;
        case followUp.CONTAINER_PACKAGE_THERE:
          this.#provisioner.installed(id, generation);
          break;
        case followUp.CONTAINER_PACKAGE_FAILED:
          this.#provisioner.notInstalled(id, generation);
          break;
        case followUp.ZYGOTE_PACKAGE_THERE:
          this.#zygoteMaker.installed(id, generation);
          break;
        case followUp.ZYGOTE_PACKAGE_FAILED:
          this.#zygoteMaker.notInstalled(id, generation);
          break;
        case followUp.PREWARM_AGAIN:
          this.#prewarmer.onZygote(id, generation);
          break;
        case followUp.PREWARM_FAILED:
          this.#prewarmer.onNoZygote(id);
          break;
        case followUp.START_WANTED:
          this.#acts.startWaiting(id);
          break;
        case followUp.DROP_WANTED:
          this.#acts.drop(id, generation);
          break;
        default:
          unreachable(kind);
      }
    }
  }

  /** True: the invocation is served, being provisioned, or rejected. False: it must wait. */
  #tryStart(slot: InvocationSlot): boolean {
    const { invocations, containers, policies } = this.#state;
    if (this.#state.isFull) return false;
    const functionId = invocations.functionId[slot];
    if (containers.idleCountOf(functionId) > 0) {
      const container = policies.dispatch.pick(this.#state, functionId);
      assert(
        containers.isIdle(container) && containers.functionId[container] === functionId,
        "the dispatch policy picked a container that cannot serve",
      );
      this.#handlers.leave(container);
      this.#serve(container, slot, containers.state[container] === IDLE ? WARM : RESUMED);
      return true;
    }
    const room = this.#provisioner.begin(slot);
    if (room === "never" || (room === "none" && this.#state.isQuiet() && this.#hasNoTimer)) {
      this.#state.observer.warned(
        "does-not-fit",
        "an invocation needs more memory or disk than can ever be free; it was rejected",
      );
      this.#end(slot, REJECTED);
      return true;
    }
    if (room === "free") this.#reclaimer.keepReserve();
    return room === "free";
  }

  #wait(slot: InvocationSlot, isShort: boolean): void {
    const { invocations, config } = this.#state;
    if (invocations.waiting.count(0) >= config.queueLimit) this.#end(slot, REJECTED);
    else invocations.wait(slot, isShort);
  }

  #startOrRequeue(slot: InvocationSlot): void {
    if (this.#tryStart(slot)) return;
    const { invocations, config, nowUs } = this.#state;
    invocations.begunAt[slot] = -1;
    invocations.clearPhases(slot);
    if (invocations.arrivedAt[slot] + config.queueTimeoutUs <= nowUs) this.#end(slot, TIMED_OUT);
    else invocations.waitAgain(slot);
  }

  #onStartFailed(slot: InvocationSlot): void {
    const { invocations } = this.#state;
    invocations.begunAt[slot] = -1;
    invocations.clearPhases(slot);
    if (++invocations.failures[slot] >= PROVISION_ATTEMPTS) this.#end(slot, FAILED);
    else this.#startOrRequeue(slot);
    this.#requeueForsaken(invocations.functionId[slot]);
  }

  /** Begins an invocation on a container that no other invocation can take. */
  #serve(container: ContainerId, slot: InvocationSlot, startKind: number): void {
    const { invocations, containers, nowUs } = this.#state;
    // An invocation that waited for a Zygote may find a container: its wait counts as queue.
    if (invocations.begunAt[slot] >= 0) invocations.clearPhases(slot);
    invocations.begunAt[slot] = nowUs;
    invocations.startKind[slot] = startKind;
    containers.invocation[container] = slot;
    if (containers.state[container] === PAUSING) return; // it runs as soon as the pausing has ended
    this.#run(container, slot, startKind === RESUMED);
  }

  #run(container: ContainerId, slot: InvocationSlot, resumes: boolean): void {
    const { invocations, containers, observer, operations, hooks, nowUs } = this.#state;
    containers.state[container] = BUSY;
    containers.uses[container]++;
    if (containers.prewarmed[container] === 1) {
      containers.prewarmed[container] = 0;
      observer.prewarmed("used", 1);
    }
    containers.lastUsed[container] = nowUs;
    const number = invocations.number[slot];
    observer.started(nowUs, invocations.functionId[slot], invocations.startKind[slot], number);
    for (const policy of hooks.onStart) {
      const queueUs = invocations.begunAt[slot] - invocations.arrivedAt[slot];
      const kind = START_KINDS[invocations.startKind[slot]];
      policy.onStart(this.#state, container, kind, queueUs);
    }
    operations.run(container, number, invocations.runUs[slot], resumes);
  }

  #onReady(container: ContainerId): void {
    const { containers } = this.#state;
    containers.state[container] = BUSY;
    const slot = containers.invocation[container];
    if (slot !== NONE) {
      this.#run(container, slot, false);
      return;
    }
    containers.settleUnbound(container);
    this.#state.observer.prewarmed("made", 1);
    this.#fallIdle(container);
  }

  #onRun(container: ContainerId, completion: Completion): void {
    const { containers, invocations, hooks, nowUs } = this.#state;
    const slot = containers.invocation[container];
    containers.invocation[container] = NONE;
    const elapsedUs = nowUs - invocations.begunAt[slot];
    if (invocations.startKind[slot] === RESUMED) {
      // it may have waited for the pausing to end
      const waitUs = containers.lastUsed[container] - invocations.begunAt[slot];
      const resumeUs = Math.min(waitUs + completion.phaseUs[RESUME], elapsedUs);
      invocations.provisionUs[slot] = resumeUs;
      if (resumeUs > 0) invocations.addPhase(slot, RESUME, resumeUs);
    }
    const runUs = elapsedUs - invocations.provisionUs[slot];
    const { status } = completion;
    const outcome = status === "ok" ? COMPLETED : status === "timed-out" ? TIMED_OUT : FAILED;
    for (const policy of hooks.onEnd)
      policy.onEnd(this.#state, container, runUs, OUTCOMES[outcome]);
    this.#end(slot, outcome);
    if (status === "ok") {
      this.#fallIdle(container);
      return;
    }
    this.#state.deactivate(container);
    this.#reclaimer.discard(container);
    this.#requeueForsaken(containers.functionId[container]);
  }

  /** A container has nothing to do: it serves the next waiter, or enters the handler cache. */
  #fallIdle(container: ContainerId): void {
    const { containers, invocations } = this.#state;
    if (containers.unwanted[container] === 1) {
      this.#endUnwanted(container);
      return;
    }
    const waiter = invocations.ofFunction.first(containers.functionId[container]);
    if (waiter !== NONE) {
      // one that is short of memory or cores would have started another container
      const isShort = invocations.short.listOf(waiter) !== NONE;
      invocations.stopWaiting(waiter);
      this.#serve(container, waiter, isShort ? WARM : DELAYED_WARM);
      return;
    }
    this.#handlers.enter(container);
  }

  /** A policy wanted it to go while it was busy. */
  #endUnwanted(container: ContainerId): void {
    const { containers, observer, nowUs } = this.#state;
    if (containers.hasIdled[container] === 1) observer.left(nowUs, "handler", false);
    this.#state.activeContainers--;
    this.#reclaimer.discard(container);
    this.#requeueForsaken(containers.functionId[container]);
  }

  #onPaused(container: ContainerId, ok: boolean): void {
    const { containers } = this.#state;
    assert(containers.state[container] === PAUSING, "a pausing completed that nobody asked for");
    if (containers.doomed[container] === 1) {
      this.#reclaimer.destroyDoomed(container);
      return;
    }
    const slot = containers.invocation[container];
    containers.state[container] = ok ? PAUSED : IDLE;
    if (ok) {
      if (slot !== NONE) this.#run(container, slot, true);
      return;
    }
    if (slot === NONE) {
      this.#reclaimer.dropIdle(container, false);
      return;
    }
    containers.invocation[container] = NONE;
    this.#state.deactivate(container);
    this.#reclaimer.discard(container);
    this.#onStartFailed(slot);
  }

  /** Starts what waits for memory, disk or cores, in order, until something must still wait. */
  #pump(): void {
    const { invocations } = this.#state;
    for (;;) {
      const slot = invocations.short.first(0);
      if (slot === NONE) break;
      if (!this.#tryStart(slot)) return;
      invocations.stopWaiting(slot);
    }
    this.#prewarmer.goOn();
  }

  /** If the function has no busy container left, its waiting invocations must start another way. */
  #requeueForsaken(functionId: FunctionId): void {
    const { containers, invocations } = this.#state;
    if (containers.busyCountOf(functionId) > 0) return;
    let slot = invocations.ofFunction.first(functionId);
    while (slot !== NONE) {
      invocations.makeShort(slot);
      slot = invocations.ofFunction.next(slot);
    }
  }

  #end(slot: InvocationSlot, outcome: number): void {
    const { invocations, observer, hooks, nowUs } = this.#state;
    if (invocations.startKind[slot] === NONE) {
      const waitUs = nowUs - invocations.arrivedAt[slot];
      for (const policy of hooks.onUnserved)
        policy.onUnserved(this.#state, invocations.functionId[slot], OUTCOMES[outcome], waitUs);
    }
    invocations.finish(slot, outcome, nowUs, this.#record);
    observer.ended(nowUs, this.#record);
  }

  #drainOn(): void {
    const { containers, zygotes } = this.#state;
    for (let id = containers.oldestIdle(); id !== NONE; id = containers.oldestIdle())
      this.#reclaimer.dropIdle(id, false);
    const leaves = zygotes.live.filter(
      (id) => !zygotes.isPinned(id) && zygotes.childZygotesOf(id) === 0,
    );
    for (const id of leaves) this.#reclaimer.dropZygote(zygotes.get(id), false);
  }
}
