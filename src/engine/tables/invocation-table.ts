import { enlarge, LinkedLists } from "../../basics/linked-lists.js";
import { NONE } from "../../basics/none.js";
import { PHASES } from "../../contract/backend.js";
import type { InvocationRecord, Lookups } from "../../contract/observer.js";
import type { FunctionId } from "../../contract/workload.js";

/** Slot of an invocation that has arrived but not ended. */
export type InvocationSlot = number;

const PHASES_PER_SLOT = PHASES.length;

/**
 * Invocations that have not ended, as columns indexed by slot, and the queues in which they wait.
 */
export class InvocationTable {
  functionId: Int32Array = new Int32Array(0);
  /** The arrival's number, from 0. */
  number: Float64Array = new Float64Array(0);
  arrivedAt: Float64Array = new Float64Array(0);
  /** When a container was chosen, or a start was begun for it; -1 before that. */
  begunAt: Float64Array = new Float64Array(0);
  /** Run time on an idle machine, passed to the backend. */
  runUs: Float64Array = new Float64Array(0);
  startKind: Int32Array = new Int32Array(0);
  provisionUs: Float64Array = new Float64Array(0);
  /** What was begun for it: the container being made, the Zygote it waits for; NONE if nothing. */
  container: Int32Array = new Int32Array(0);
  zygote: Int32Array = new Int32Array(0);
  /** Until when it waits for a busy container; Infinity: without an end, or it does not wait. */
  waitUntil: Float64Array = new Float64Array(0);
  /** Zygotes created on its behalf, and operations for it that failed. */
  creations: Uint8Array = new Uint8Array(0);
  failures: Uint8Array = new Uint8Array(0);
  /** 1: it has waited for a Zygote to be made. */
  awaitedZygote: Uint8Array = new Uint8Array(0);
  /** What its provisioning has looked up; null: it has begun no provisioning. */
  readonly lookups: (Lookups | null)[] = [];
  /** The phases of each slot, by index in PHASES. */
  phaseUs: Float64Array = new Float64Array(0);

  /** All for which nothing was begun, in order of arrival: the next to time out is first. */
  readonly waiting: LinkedLists = new LinkedLists(1, 0);
  /**
   * Those of them that wait for memory, disk, cores or a creation, one list per function. The others
   * wait for a busy container.
   */
  readonly short: LinkedLists;
  /**
   * All that no container serves yet, one list per function: a container that falls idle serves the
   * first of its list, also if another one is being made for it.
   */
  readonly ofFunction: LinkedLists;
  /** Per function: invocations that have not ended, and those for which a start was begun. */
  readonly #outstandingOf: Int32Array;
  readonly #begunOf: Int32Array;

  #freeSlots: InvocationSlot[] = [];
  #capacity = 0;
  #count = 0;
  #arrivals = 0;

  constructor(functions: number) {
    this.short = new LinkedLists(functions, 0);
    this.ofFunction = new LinkedLists(functions, 0);
    this.#outstandingOf = new Int32Array(functions);
    this.#begunOf = new Int32Array(functions);
  }

  /** Invocations that have arrived but not ended. */
  get count(): number {
    return this.#count;
  }

  /** Invocations that have arrived so far. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /** Invocations of the function that have arrived but not ended. */
  outstandingOf(functionId: FunctionId): number {
    return this.#outstandingOf[functionId];
  }

  /** Invocations of the function that wait for a busy container. */
  waitingForBusyOf(functionId: FunctionId): number {
    const unserved = this.ofFunction.count(functionId) - this.#begunOf[functionId];
    return unserved - this.short.count(functionId);
  }

  /** The first of them; NONE if there is none. */
  firstWaitingForBusy(functionId: FunctionId): InvocationSlot {
    if (this.waitingForBusyOf(functionId) === 0) return NONE;
    let slot = this.ofFunction.first(functionId);
    while (this.begunAt[slot] >= 0 || this.short.listOf(slot) !== NONE)
      slot = this.ofFunction.next(slot);
    return slot;
  }

  add(functionId: FunctionId, runUs: number, nowUs: number): InvocationSlot {
    if (this.#freeSlots.length === 0) this.#grow();
    const slot = this.#freeSlots.pop()!;
    this.functionId[slot] = functionId;
    this.number[slot] = this.#arrivals++;
    this.arrivedAt[slot] = nowUs;
    this.begunAt[slot] = -1;
    this.runUs[slot] = runUs;
    this.startKind[slot] = NONE;
    this.provisionUs[slot] = 0;
    this.creations[slot] = 0;
    this.failures[slot] = 0;
    this.awaitedZygote[slot] = 0;
    this.#count++;
    this.#outstandingOf[functionId]++;
    return slot;
  }

  /** Writes its end into `record` and frees its slot. If it never ran, it was queued until now. */
  finish(slot: InvocationSlot, outcome: number, nowUs: number, record: InvocationRecord): void {
    const arrivedAtUs = this.arrivedAt[slot];
    const hasStarted = this.startKind[slot] !== NONE;
    const begunAtUs = hasStarted ? this.begunAt[slot] : nowUs;
    const provisionUs = this.provisionUs[slot];
    record.functionId = this.functionId[slot];
    record.invocation = this.number[slot];
    record.arrivedAtUs = arrivedAtUs;
    record.outcome = outcome;
    record.startKind = this.startKind[slot];
    record.queueUs = begunAtUs - arrivedAtUs;
    record.provisionUs = provisionUs;
    record.runUs = nowUs - begunAtUs - provisionUs;
    record.lookups = this.lookups[slot];
    this.lookups[slot] = null;
    if (provisionUs > 0) this.#takePhases(slot, record.phaseUs);
    else if (!hasStarted) this.clearPhases(slot);
    this.#freeSlots.push(slot);
    this.#count--;
    this.#outstandingOf[record.functionId]--;
  }

  /** Invocations of the function for which a start was begun. */
  begunOf(functionId: FunctionId): number {
    return this.#begunOf[functionId];
  }

  /** It needs a container: from now on, one of its function that falls idle may serve it. */
  seek(slot: InvocationSlot): void {
    this.ofFunction.pushLast(this.functionId[slot], slot);
  }

  /** Nothing is begun for it now. */
  wait(slot: InvocationSlot): void {
    this.#insertByArrival(this.waiting, 0, slot);
  }

  /** It waits for memory, disk, cores or a creation, in its place by arrival. False: it did already. */
  becomeShort(slot: InvocationSlot): boolean {
    if (this.short.listOf(slot) !== NONE) return false;
    this.waitUntil[slot] = Number.POSITIVE_INFINITY;
    this.#insertByArrival(this.short, this.functionId[slot], slot);
    return true;
  }

  /** A start is begun for it. It no longer times out. */
  begin(slot: InvocationSlot, nowUs: number): void {
    if (this.begunAt[slot] >= 0) return;
    this.begunAt[slot] = nowUs;
    this.#begunOf[this.functionId[slot]]++;
    this.waiting.remove(slot);
  }

  /** What was begun for it is of no use to it. */
  unbegin(slot: InvocationSlot): void {
    if (this.begunAt[slot] < 0) return;
    this.begunAt[slot] = -1;
    this.#begunOf[this.functionId[slot]]--;
    this.clearPhases(slot);
  }

  /** A container serves it, or it has ended: it seeks no container any more. */
  settle(slot: InvocationSlot): void {
    if (this.begunAt[slot] >= 0) this.#begunOf[this.functionId[slot]]--;
    this.container[slot] = NONE;
    this.zygote[slot] = NONE;
    this.waitUntil[slot] = Number.POSITIVE_INFINITY;
    this.waiting.remove(slot);
    this.ofFunction.remove(slot);
  }

  addPhase(slot: InvocationSlot, phase: number, us: number): void {
    this.phaseUs[slot * PHASES_PER_SLOT + phase] += us;
  }

  #takePhases(slot: InvocationSlot, into: Float64Array): void {
    const phaseUs = this.phaseUs;
    const from = slot * PHASES_PER_SLOT;
    for (let phase = 0; phase < PHASES_PER_SLOT; phase++) {
      into[phase] = phaseUs[from + phase];
      phaseUs[from + phase] = 0;
    }
  }

  clearPhases(slot: InvocationSlot): void {
    const end = (slot + 1) * PHASES_PER_SLOT;
    for (let at = end - PHASES_PER_SLOT; at < end; at++) this.phaseUs[at] = 0;
  }

  /**
   * Walks from the nearer end, because an invocation that had left the queue belongs near an end.
   */
  #insertByArrival(lists: LinkedLists, list: number, slot: InvocationSlot): void {
    const number = this.number[slot];
    const first = lists.first(list);
    const last = lists.last(list);
    if (first === NONE || number - this.number[first] < this.number[last] - number) {
      let next = first;
      while (next !== NONE && this.number[next] < number) next = lists.next(next);
      lists.pushAfter(list, next === NONE ? last : lists.previous(next), slot);
      return;
    }
    let previous = last;
    while (previous !== NONE && this.number[previous] > number) previous = lists.previous(previous);
    lists.pushAfter(list, previous, slot);
  }

  #grow(): void {
    const from = this.#capacity;
    const to = from === 0 ? 256 : from * 2;
    this.#capacity = to;
    this.functionId = enlarge(this.functionId, to, NONE);
    this.number = enlarge(this.number, to, 0);
    this.arrivedAt = enlarge(this.arrivedAt, to, 0);
    this.begunAt = enlarge(this.begunAt, to, 0);
    this.runUs = enlarge(this.runUs, to, 0);
    this.startKind = enlarge(this.startKind, to, NONE);
    this.container = enlarge(this.container, to, NONE);
    this.zygote = enlarge(this.zygote, to, NONE);
    this.waitUntil = enlarge(this.waitUntil, to, Number.POSITIVE_INFINITY);
    this.provisionUs = enlarge(this.provisionUs, to, 0);
    this.creations = enlarge(this.creations, to, 0);
    this.failures = enlarge(this.failures, to, 0);
    this.awaitedZygote = enlarge(this.awaitedZygote, to, 0);
    for (let slot = from; slot < to; slot++) this.lookups.push(null);
    this.phaseUs = enlarge(this.phaseUs, to * PHASES_PER_SLOT, 0);
    this.waiting.grow(to);
    this.short.grow(to);
    this.ofFunction.grow(to);
    for (let slot = to - 1; slot >= from; slot--) this.#freeSlots.push(slot);
  }
}
