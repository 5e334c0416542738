import { TimeHeap } from "../basics/time-heap.js";
import type { ContainerId } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";
import {
  CONTAINER_DUE,
  type FollowUpKind,
  type FollowUps,
  PREWARM_DUE,
  WAIT_OVER,
} from "./follow-ups.js";
import type { ContainerTable } from "./tables/container-table.js";
import type { InvocationSlot, InvocationTable } from "./tables/invocation-table.js";

const NEVER = Number.POSITIVE_INFINITY;
/** The last two bits of a payload: whose timer it is. */
const CONTAINER = 0;
const PREWARM = 1;
const WAIT = 2;
const KIND_BITS = 2;
const FOLLOW_UPS: readonly FollowUpKind[] = [CONTAINER_DUE, PREWARM_DUE, WAIT_OVER];

/**
 * Timers of keep-alive windows, pre-warmings, and waits for busy containers. Only the earliest timer of a container counts. If
 * it fires too early, the engine sets it again, so a container that is used all the time costs one
 * timer per window, not one per invocation.
 */
export class Timers {
  /** Payloads: id of a container, function or invocation slot, and the kind of the timer. */
  readonly #heap = new TimeHeap();
  readonly #containers: ContainerTable;
  readonly #invocations: InvocationTable;
  /** When the function is to be pre-warmed; Infinity: it is not. */
  readonly #prewarmAt: Float64Array;

  constructor(containers: ContainerTable, invocations: InvocationTable, functions: number) {
    this.#containers = containers;
    this.#invocations = invocations;
    this.#prewarmAt = new Float64Array(functions).fill(NEVER);
  }

  /** When the next timer fires; Infinity if no timer is set. */
  get nextUs(): number {
    return this.#heap.minKey;
  }

  /** Makes sure that a timer fires no later than the container's `expireAt` and `pauseAt`. */
  setContainer(container: ContainerId): void {
    const { expireAt, pauseAt, timerAt } = this.#containers;
    const dueUs = Math.min(expireAt[container], pauseAt[container]);
    if (dueUs >= timerAt[container]) return;
    timerAt[container] = dueUs;
    this.#heap.push(dueUs, (container << KIND_BITS) | CONTAINER);
  }

  /** Pre-warms the function at that time, instead of at a time set before. */
  setPrewarm(functionId: FunctionId, atUs: number): void {
    this.#prewarmAt[functionId] = atUs;
    this.#heap.push(atUs, (functionId << KIND_BITS) | PREWARM);
  }

  /** Ends the invocation's wait for a busy container at that time. */
  setWait(slot: InvocationSlot, atUs: number): void {
    if (atUs === NEVER) return;
    this.#invocations.waitUntil[slot] = atUs;
    this.#heap.push(atUs, (slot << KIND_BITS) | WAIT);
  }

  cancelPrewarm(functionId: FunctionId): void {
    this.#prewarmAt[functionId] = NEVER;
  }

  /**
   * Adds a follow-up for each timer that is due; a timer that a later setting replaced is ignored.
   */
  fire(nowUs: number, followUps: FollowUps): void {
    while (this.#heap.minKey <= nowUs) {
      const dueUs = this.#heap.minKey;
      const payload = this.#heap.pop();
      const id = payload >> KIND_BITS;
      const kind = payload & ((1 << KIND_BITS) - 1);
      const pendingUs = this.#pending(kind);
      if (pendingUs[id] !== dueUs) continue;
      pendingUs[id] = NEVER;
      followUps.add(FOLLOW_UPS[kind], id);
    }
  }

  /** When each timer of a kind fires; Infinity: it is not set. */
  #pending(kind: number): Float64Array {
    if (kind === CONTAINER) return this.#containers.timerAt;
    return kind === PREWARM ? this.#prewarmAt : this.#invocations.waitUntil;
  }
}
