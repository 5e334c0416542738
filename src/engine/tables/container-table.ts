import { assert } from "../../basics/errors.js";
import { enlarge, LinkedLists } from "../../basics/linked-lists.js";
import { NONE } from "../../basics/none.js";
import type { ContainerId, ContainersView, ZygoteId } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";
import { RemakeTimes } from "./remake-times.js";
import type { ZygoteTable } from "./zygote-table.js";

/** The states of a slot; IDLE, PAUSING and PAUSED make up the handler cache. */
export const FREE = 0;
/** Memory is reserved; packages are still being installed. */
export const INSTALLING = 1;
export const CREATING = 2;
export const BUSY = 3;
export const IDLE = 4;
export const PAUSING = 5;
export const PAUSED = 6;
export const DESTROYING = 7;

/**
 * All containers of a machine, as columns indexed by slot. Hot paths use this table, so it
 * allocates nothing per invocation.
 */
export class ContainerTable implements ContainersView {
  state: Uint8Array = new Uint8Array(0);
  functionId: Int32Array = new Int32Array(0);
  zygote: Int32Array = new Int32Array(0);
  /** Invocation slot that it serves or is made for; NONE if there is no such invocation. */
  invocation: Int32Array = new Int32Array(0);
  uses: Int32Array = new Int32Array(0);
  /** Bytes charged to it: all that it does not share. */
  bytes: Float64Array = new Float64Array(0);
  createdAt: Float64Array = new Float64Array(0);
  lastUsed: Float64Array = new Float64Array(0);
  provisionUs: Float64Array = new Float64Array(0);
  /** When its keep-alive window ends, and when it must be paused; Infinity: never. */
  expireAt: Float64Array = new Float64Array(0);
  pauseAt: Float64Array = new Float64Array(0);
  /** When its pending timer fires; Infinity if no timer is pending. */
  timerAt: Float64Array = new Float64Array(0);
  /** Counts the owners of a slot, so that a waiter of an earlier owner is recognised. */
  generation: Int32Array = new Int32Array(0);
  /**
   * Number of packages that it still waits for, the time when all were installed, and the time when
   * its creation began.
   */
  missing: Int32Array = new Int32Array(0);
  installedAt: Float64Array = new Float64Array(0);
  begunAt: Float64Array = new Float64Array(0);
  /** 1: a policy wants it to go as soon as the invocation that it serves has ended. */
  unwanted: Uint8Array = new Uint8Array(0);
  /** 1: it must be destroyed as soon as its pausing has ended. */
  doomed: Uint8Array = new Uint8Array(0);
  /** 1: it has been in the handler cache. */
  hasIdled: Uint8Array = new Uint8Array(0);
  /** 1: a pre-warm window asked for it, and it has served no invocation yet. */
  prewarmed: Uint8Array = new Uint8Array(0);
  /** Destructions that failed. */
  failures: Uint8Array = new Uint8Array(0);

  readonly #idleOfFunction: LinkedLists;
  readonly #idle = new LinkedLists(1, 0);
  /** Those being made, in order of their beginning. */
  readonly #makingOfFunction: LinkedLists;
  readonly #live: Int32Array;
  readonly #unbound: Int32Array;
  readonly #freeSlots: ContainerId[] = [];
  readonly #zygotes: ZygoteTable;
  readonly remakeTimes: RemakeTimes;
  #capacity = 0;

  constructor(functions: number, zygotes: ZygoteTable) {
    this.#zygotes = zygotes;
    this.remakeTimes = new RemakeTimes(functions);
    this.#idleOfFunction = new LinkedLists(functions, 0);
    this.#makingOfFunction = new LinkedLists(functions, 0);
    this.#live = new Int32Array(functions);
    this.#unbound = new Int32Array(functions);
  }

  /** Takes a slot for a new container. */
  add(
    functionId: FunctionId,
    zygote: ZygoteId,
    invocation: number,
    bytes: number,
    nowUs: number,
  ): ContainerId {
    if (this.#freeSlots.length === 0) this.#grow();
    const id = this.#freeSlots.pop()!;
    this.state[id] = INSTALLING;
    this.functionId[id] = functionId;
    this.zygote[id] = zygote;
    this.invocation[id] = invocation;
    this.uses[id] = 0;
    this.bytes[id] = bytes;
    this.createdAt[id] = nowUs;
    this.lastUsed[id] = nowUs;
    this.provisionUs[id] = 0;
    this.expireAt[id] = Number.POSITIVE_INFINITY;
    this.pauseAt[id] = Number.POSITIVE_INFINITY;
    this.timerAt[id] = Number.POSITIVE_INFINITY;
    this.missing[id] = 0;
    this.installedAt[id] = nowUs;
    this.unwanted[id] = 0;
    this.begunAt[id] = nowUs;
    this.#makingOfFunction.pushLast(functionId, id);
    this.doomed[id] = 0;
    this.hasIdled[id] = 0;
    this.prewarmed[id] = invocation === NONE ? 1 : 0;
    this.failures[id] = 0;
    this.#live[functionId]++;
    if (invocation === NONE) this.#unbound[functionId]++;
    return id;
  }

  /** Frees the slot of a container that is gone. */
  remove(id: ContainerId): void {
    assert(this.state[id] !== FREE, "a container was removed twice");
    this.state[id] = FREE;
    this.generation[id]++;
    this.#freeSlots.push(id);
  }

  enterIdle(id: ContainerId): void {
    this.#idleOfFunction.pushLast(this.functionId[id], id);
    this.#idle.pushLast(0, id);
  }

  leaveIdle(id: ContainerId): void {
    this.#idleOfFunction.remove(id);
    this.#idle.remove(id);
  }

  /**
   * The function can no longer use the container: it is being destroyed, or its creation failed.
   */
  abandon(id: ContainerId): void {
    this.#live[this.functionId[id]]--;
  }

  /** The invocation that it is made for is served by another one. */
  unbind(id: ContainerId): void {
    this.invocation[id] = NONE;
    this.#unbound[this.functionId[id]]++;
  }

  /** Its making is over: it is ready, or failed. */
  endMaking(id: ContainerId): void {
    this.#makingOfFunction.remove(id);
    if (this.invocation[id] === NONE) this.#unbound[this.functionId[id]]--;
  }

  /** Containers of the function that are being made for no invocation. */
  unboundOf(functionId: FunctionId): number {
    return this.#unbound[functionId];
  }

  functionOf(id: ContainerId): FunctionId {
    return this.functionId[id];
  }
  zygoteOf(id: ContainerId): ZygoteId {
    return this.zygote[id];
  }
  isIdle(id: ContainerId): boolean {
    const state = this.state[id];
    return state >= IDLE && state <= PAUSED && this.#idle.listOf(id) !== NONE;
  }
  usesOf(id: ContainerId): number {
    return this.uses[id];
  }
  createdAtUs(id: ContainerId): number {
    return this.createdAt[id];
  }
  lastUsedUs(id: ContainerId): number {
    return this.lastUsed[id];
  }
  provisionUsOf(id: ContainerId): number {
    return this.provisionUs[id];
  }
  remakeUsOf(id: ContainerId): number {
    const zygote = this.zygote[id];
    const isForked = zygote !== NONE;
    const us = this.remakeTimes.of(this.functionId[id], isForked);
    return isForked ? us + this.#zygotes.lostImportUs(zygote) : us;
  }
  reclaimableBytes(id: ContainerId): number {
    const zygote = this.zygote[id];
    return zygote === NONE ? this.bytes[id] : this.bytes[id] + this.#zygotes.orphanedBytes(zygote);
  }
  get idleCount(): number {
    return this.#idle.count(0);
  }
  oldestIdle(): ContainerId {
    return this.#idle.first(0);
  }
  nextIdle(id: ContainerId): ContainerId {
    return this.#idle.next(id);
  }
  /** The idle container of the same function that fell idle next after this one; NONE at the end. */
  nextIdleOf(id: ContainerId): ContainerId {
    return this.#idleOfFunction.next(id);
  }
  idleCountOf(functionId: FunctionId): number {
    return this.#idleOfFunction.count(functionId);
  }
  busyCountOf(functionId: FunctionId): number {
    return this.#live[functionId] - this.#idleOfFunction.count(functionId);
  }
  makingCountOf(functionId: FunctionId): number {
    return this.#makingOfFunction.count(functionId);
  }
  oldestMakingOf(functionId: FunctionId): ContainerId {
    return this.#makingOfFunction.first(functionId);
  }
  nextMaking(id: ContainerId): ContainerId {
    return this.#makingOfFunction.next(id);
  }
  newestIdleOf(functionId: FunctionId): ContainerId {
    return this.#idleOfFunction.last(functionId);
  }
  oldestIdleOf(functionId: FunctionId): ContainerId {
    return this.#idleOfFunction.first(functionId);
  }
  /** Set by the engine, which keeps the queues. */
  waitingOf: (functionId: FunctionId) => number = () => 0;
  waitingForBusyOf: (functionId: FunctionId) => number = () => 0;
  outstandingOf: (functionId: FunctionId) => number = () => 0;

  #grow(): void {
    const from = this.#capacity;
    const to = from === 0 ? 256 : from * 2;
    this.#capacity = to;
    this.state = enlarge(this.state, to, FREE);
    this.functionId = enlarge(this.functionId, to, NONE);
    this.zygote = enlarge(this.zygote, to, NONE);
    this.invocation = enlarge(this.invocation, to, NONE);
    this.uses = enlarge(this.uses, to, 0);
    this.bytes = enlarge(this.bytes, to, 0);
    this.createdAt = enlarge(this.createdAt, to, 0);
    this.lastUsed = enlarge(this.lastUsed, to, 0);
    this.provisionUs = enlarge(this.provisionUs, to, 0);
    this.expireAt = enlarge(this.expireAt, to, 0);
    this.pauseAt = enlarge(this.pauseAt, to, 0);
    this.timerAt = enlarge(this.timerAt, to, 0);
    this.generation = enlarge(this.generation, to, 0);
    this.missing = enlarge(this.missing, to, 0);
    this.installedAt = enlarge(this.installedAt, to, 0);
    this.unwanted = enlarge(this.unwanted, to, 0);
    this.begunAt = enlarge(this.begunAt, to, 0);
    this.doomed = enlarge(this.doomed, to, 0);
    this.hasIdled = enlarge(this.hasIdled, to, 0);
    this.prewarmed = enlarge(this.prewarmed, to, 0);
    this.failures = enlarge(this.failures, to, 0);
    this.#idleOfFunction.grow(to);
    this.#idle.grow(to);
    this.#makingOfFunction.grow(to);
    for (let id = to - 1; id >= from; id--) this.#freeSlots.push(id);
  }
}
