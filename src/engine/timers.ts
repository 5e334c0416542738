import { TimeHeap } from "../basics/time-heap.js";
import type { ContainerId } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";
import { CONTAINER_DUE, type FollowUps, PREWARM_DUE } from "./follow-ups.js";
import type { ContainerTable } from "./tables/container-table.js";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Timers of keep-alive windows and pre-warmings. Only the earliest timer of a container counts. If
 * it fires too early, the engine sets it again, so a container that is used all the time costs one
 * timer per window, not one per invocation.
 */
export class Timers {
  /** Payload 2c: container c. Payload 2f + 1: pre-warming of function f. */
  readonly #heap = new TimeHeap();
  readonly #containers: ContainerTable;
  /** When the function is to be pre-warmed; Infinity: it is not. */
  readonly #prewarmAt: Float64Array;

  constructor(containers: ContainerTable, functions: number) {
    this.#containers = containers;
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
    this.#heap.push(dueUs, container << 1);
  }

  /** Pre-warms the function at that time, instead of at a time set before. */
  setPrewarm(functionId: FunctionId, atUs: number): void {
    this.#prewarmAt[functionId] = atUs;
    this.#heap.push(atUs, (functionId << 1) | 1);
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
      const id = payload >> 1;
      const isContainer = (payload & 1) === 0;
      const pendingUs = isContainer ? this.#containers.timerAt : this.#prewarmAt;
      if (pendingUs[id] !== dueUs) continue;
      pendingUs[id] = NEVER;
      followUps.add(isContainer ? CONTAINER_DUE : PREWARM_DUE, id);
    }
  }
}
