import { NONE } from "../basics/none.js";
import { FAILED, REJECTED, TIMED_OUT } from "../contract/observer.js";
import type { Overload } from "../contract/overload.js";
import type { FunctionId } from "../contract/workload.js";
import type { Acts } from "./acts.js";
import {
  NO_SHORTAGE,
  OverloadWatch,
  SHORT_OF_CREATIONS,
  SHORT_OF_PLACES,
  SHORT_OF_ROOM,
} from "./overload.js";
import type { Prewarmer } from "./prewarmer.js";
import type { Provisioner } from "./provisioner.js";
import type { Reclaimer } from "./reclaimer.js";
import type { Runs } from "./runs.js";
import { StartQueue } from "./start-queue.js";
import type { EngineState } from "./state.js";
import type { InvocationSlot } from "./tables/invocation-table.js";
import type { Timers } from "./timers.js";
import type { ZygoteMaker } from "./zygote-maker.js";

/** Attempts at provisioning before an invocation fails. */
const PROVISION_ATTEMPTS = 2;
const NEVER = Number.POSITIVE_INFINITY;

/** The parts of the engine that starts use. */
export interface StartsParts {
  readonly state: EngineState;
  readonly timers: Timers;
  readonly reclaimer: Reclaimer;
  readonly zygoteMaker: ZygoteMaker;
  readonly provisioner: Provisioner;
  readonly prewarmer: Prewarmer;
  readonly runs: Runs;
  readonly acts: Acts;
}

/**
 * Finds a container for each invocation: an idle one, a new one, or the first of its function that
 * becomes free. What is begun for an invocation is not bound to it: if another container serves it
 * first, the new one serves the next invocation of its function, or falls idle.
 */
export class Starts {
  readonly #parts: StartsParts;
  readonly #state: EngineState;
  readonly #runs: Runs;
  readonly #queue: StartQueue;
  readonly #watch = new OverloadWatch();
  /** What the last start that did not begin lacked. */
  #shortage = NO_SHORTAGE;

  constructor(parts: StartsParts) {
    const { state, runs } = parts;
    this.#parts = parts;
    this.#state = state;
    this.#runs = runs;
    this.#queue = new StartQueue(state);
  }

  /** When the next invocation that waits times out; Infinity if none waits. */
  get nextTimeOutUs(): number {
    const { invocations, config } = this.#state;
    const slot = invocations.waiting.first(0);
    return slot === NONE ? NEVER : invocations.arrivedAt[slot] + config.queueTimeoutUs;
  }

  overload(nowUs: number): Overload | null {
    return this.#watch.overload(nowUs);
  }

  arrived(slot: InvocationSlot): void {
    const { invocations, containers, nowUs } = this.#state;
    const functionId = invocations.functionId[slot];
    if (containers.idleCountOf(functionId) > 0) {
      if (!this.#state.isFull) {
        this.#runs.serveIdle(slot, functionId);
        return;
      }
      this.#startOrWait(slot, functionId);
      return;
    }
    const waitUs = this.#waitUs(functionId);
    if (waitUs <= 0) {
      this.#startOrWait(slot, functionId);
      return;
    }
    invocations.seek(slot);
    if (this.#wait(slot)) this.#parts.timers.setWait(slot, nowUs + Math.ceil(waitUs));
  }

  /** The Zygote that it waited for is ready: decide again how to start. */
  startAgain(slot: InvocationSlot): void {
    if (!this.#tryStart(slot)) this.#waitAgain(slot);
  }

  /** What was begun for it failed: it is tried once more, or has failed. */
  startFailed(slot: InvocationSlot): void {
    const { invocations } = this.#state;
    const functionId = invocations.functionId[slot];
    invocations.unbegin(slot);
    if (++invocations.failures[slot] >= PROVISION_ATTEMPTS) this.#end(slot, FAILED);
    else if (!this.#queue.mayStart(functionId) || !this.#tryStart(slot)) this.#waitAgain(slot);
    this.lost(functionId);
  }

  /** The container that was to resume for the invocation cannot: it seeks another one. */
  lostContainer(slot: InvocationSlot): void {
    const { invocations } = this.#state;
    invocations.begunAt[slot] = -1;
    invocations.startKind[slot] = NONE;
    invocations.seek(slot);
    this.startFailed(slot);
  }

  /** It has waited for a busy container for as long as it should. */
  waitOver(slot: InvocationSlot): void {
    this.#queue.enter(slot);
  }

  /** A policy wants the first invocation that waits for a busy container of the function to start. */
  startWaiting(functionId: FunctionId): void {
    const slot = this.#state.invocations.firstWaitingForBusy(functionId);
    if (slot !== NONE) this.#queue.enter(slot);
  }

  timeOut(): void {
    const { invocations, nowUs } = this.#state;
    while (this.nextTimeOutUs <= nowUs) this.#end(invocations.waiting.first(0), TIMED_OUT);
  }

  /** A container serves the invocation, or it has ended: what was begun for it serves others. */
  release(slot: InvocationSlot): void {
    const { invocations, containers, zygotes } = this.#state;
    const container = invocations.container[slot];
    const zygote = invocations.zygote[slot];
    if (container !== NONE) containers.unbind(container);
    if (zygote !== NONE) this.#parts.zygoteMaker.stopWaiting(zygotes.get(zygote), slot);
    this.#queue.leave(slot);
    invocations.unbegin(slot);
    invocations.settle(slot);
    if (zygote !== NONE) this.offer(invocations.functionId[slot]);
  }

  /**
   * Returns the invocation that a container of the function should serve now that it has nothing to
   * do: the oldest one of the function. Returns NONE if no invocation of the function waits, or if
   * the cores allow no further run and the queue prefers an invocation of another function.
   */
  nextOf(functionId: FunctionId): InvocationSlot {
    const { invocations } = this.#state;
    const slot = invocations.ofFunction.first(functionId);
    if (slot === NONE || !this.#state.isFull || invocations.begunAt[slot] >= 0) return slot;
    const first = this.#queue.first();
    if (first === NONE || !this.#queue.precedes(first, slot)) return slot;
    this.#queue.enter(slot);
    return NONE;
  }

  /** Only memory, disk, cores or the creations of other functions keep it from its own start. */
  isShort(slot: InvocationSlot): boolean {
    const functionId = this.#state.invocations.short.listOf(slot);
    return functionId !== NONE && this.#queue.mayStart(functionId);
  }

  /** A container of the function was made, or failed: another one may be begun. */
  offer(functionId: FunctionId): void {
    this.#queue.offer(functionId);
  }

  /**
   * The function has lost a container. If no busy one is left, what waits for a busy one must start.
   */
  lost(functionId: FunctionId): void {
    const { invocations, containers } = this.#state;
    if (containers.busyCountOf(functionId) === 0) {
      let slot = invocations.ofFunction.first(functionId);
      while (slot !== NONE) {
        if (invocations.begunAt[slot] < 0) this.#queue.enter(slot);
        slot = invocations.ofFunction.next(slot);
      }
    }
    this.offer(functionId);
  }

  /** Starts what waits for memory, disk, cores or a creation, in the order of the queue. */
  pump(): void {
    const { prewarmer } = this.#parts;
    if (this.#queue.count > 0 || this.#watch.isOn) this.#startQueued();
    if (prewarmer.isWaiting && this.#queue.first() === NONE) prewarmer.goOn();
  }

  #startQueued(): void {
    const queue = this.#queue;
    const { bypasses } = this.#state.policies.queue;
    let shortage = NO_SHORTAGE;
    for (let slot = queue.first(); slot !== NONE; slot = queue.first()) {
      if (this.#tryStart(slot)) continue;
      if (shortage === NO_SHORTAGE) shortage = this.#shortage;
      if (!bypasses) break;
      queue.passOver(slot);
    }
    queue.resume();
    // The others wait because their functions have as many starts in progress as they may.
    if (queue.count > 0 && shortage === NO_SHORTAGE) shortage = SHORT_OF_CREATIONS;
    this.#watch.note(shortage, this.#state.nowUs);
  }

  /** How long it waits for a busy container, before a start is begun. */
  #waitUs(functionId: FunctionId): number {
    const { containers, invocations, policies } = this.#state;
    const lacking = invocations.ofFunction.count(functionId) - invocations.begunOf(functionId);
    const isBeingMade = containers.unboundOf(functionId) > lacking;
    if (isBeingMade || containers.busyCountOf(functionId) === 0) return 0;
    return policies.dispatch.waitForBusyUs(this.#state, functionId);
  }

  #startOrWait(slot: InvocationSlot, functionId: FunctionId): void {
    const queue = this.#queue;
    const { invocations, policies } = this.#state;
    const nobodyMay = queue.first() === NONE;
    const isFirst = invocations.short.count(functionId) === 0;
    invocations.seek(slot);
    this.#shortage = SHORT_OF_CREATIONS;
    if (isFirst && (nobodyMay || policies.queue.bypasses)) {
      if (queue.mayStart(functionId) && this.#tryStart(slot)) return;
    }
    const shortage = this.#shortage;
    if (!this.#wait(slot)) return;
    queue.enter(slot);
    if (nobodyMay && isFirst) this.#watch.note(shortage, this.#state.nowUs);
    else if (nobodyMay || queue.first() === slot) this.pump();
  }

  /** True: the invocation is served, a start was begun for it, or it was rejected. */
  #tryStart(slot: InvocationSlot): boolean {
    const { invocations, containers, creations } = this.#state;
    if (this.#state.isFull) return this.#lacks(SHORT_OF_PLACES);
    const functionId = invocations.functionId[slot];
    if (containers.idleCountOf(functionId) > 0) {
      this.release(slot);
      this.#runs.serveIdle(slot, functionId);
      return true;
    }
    if (invocations.begunAt[slot] < 0 && !creations.hasPlace)
      return this.#lacks(SHORT_OF_CREATIONS);
    const room = this.#parts.provisioner.begin(slot);
    if (room === "free") {
      this.#queue.leave(slot);
      this.#parts.reclaimer.keepReserve();
      return true;
    }
    const mayComeFree =
      !this.#state.isQuiet() ||
      Math.min(this.#parts.timers.nextUs, this.#parts.acts.nextTickUs) !== NEVER;
    if (room === "coming" || (room === "none" && mayComeFree)) return this.#lacks(SHORT_OF_ROOM);
    this.#parts.reclaimer.warnOfNoRoom(room);
    this.#end(slot, REJECTED);
    return true;
  }

  #lacks(shortage: number): false {
    this.#shortage = shortage;
    return false;
  }

  /** False: too many wait already, so it was rejected. */
  #wait(slot: InvocationSlot): boolean {
    const { invocations, config } = this.#state;
    if (invocations.waiting.count(0) < config.queueLimit) {
      invocations.wait(slot);
      return true;
    }
    this.#end(slot, REJECTED);
    return false;
  }

  /** Puts it back into the queue, or times it out, because its start did not succeed. */
  #waitAgain(slot: InvocationSlot): void {
    const { invocations, config, nowUs } = this.#state;
    invocations.unbegin(slot);
    if (invocations.arrivedAt[slot] + config.queueTimeoutUs <= nowUs) this.#end(slot, TIMED_OUT);
    else {
      invocations.wait(slot);
      this.#queue.enter(slot);
    }
  }

  /** Ends an invocation that no container has served. */
  #end(slot: InvocationSlot, outcome: number): void {
    this.release(slot);
    this.#runs.end(slot, outcome);
  }
}
