import { KeyedHeap } from "../basics/keyed-heap.js";
import { NONE } from "../basics/none.js";
import type { FunctionId } from "../contract/workload.js";
import type { EngineState } from "./state.js";
import type { InvocationSlot } from "./tables/invocation-table.js";

/**
 * The invocations that wait until the machine has memory, disk, cores or a creation for them.
 * Those of one function start in order of arrival, so the `queue` policy orders functions by the
 * first invocation of each. A function is left out while nothing may be begun for it. So a change
 * costs O(log functions), however many invocations wait.
 */
export class StartQueue {
  readonly #state: EngineState;
  readonly #functions = new KeyedHeap();
  readonly #passed: FunctionId[] = [];
  #count = 0;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /** Invocations that wait here. */
  get count(): number {
    return this.#count;
  }

  /** The next to start; NONE if nothing can be begun for any function. */
  first(): InvocationSlot {
    for (;;) {
      const functionId = this.#functions.first;
      if (functionId === NONE) return NONE;
      if (this.mayStart(functionId)) return this.#state.invocations.short.first(functionId);
      this.#functions.remove(functionId);
    }
  }

  /**
   * Something can be begun for an invocation of the function: an idle container can serve it, or
   * fewer starts are in progress than its invocations need and than one function may have.
   */
  mayStart(functionId: FunctionId): boolean {
    const { containers, invocations, config } = this.#state;
    if (containers.idleCountOf(functionId) > 0) return true;
    const begun = invocations.begunOf(functionId);
    const unbound = containers.unboundOf(functionId);
    const lacking = invocations.ofFunction.count(functionId) - begun;
    return begun + unbound < config.creationsPerFunction && unbound < lacking;
  }

  /** Puts an invocation into the queue, in its place by arrival. */
  enter(slot: InvocationSlot): void {
    const { invocations } = this.#state;
    if (!invocations.becomeShort(slot)) return;
    this.#count++;
    this.offer(invocations.functionId[slot]);
  }

  /** Takes an invocation out; one that is not here is left alone. */
  leave(slot: InvocationSlot): void {
    const { invocations } = this.#state;
    const { short } = invocations;
    const functionId = short.listOf(slot);
    if (functionId === NONE) return;
    const wasFirst = short.first(functionId) === slot;
    short.remove(slot);
    this.#count--;
    if (!wasFirst || !this.#functions.has(functionId)) return;
    if (short.count(functionId) === 0) this.#functions.remove(functionId);
    else this.offer(functionId);
  }

  /** A start of the function may be possible now. */
  offer(functionId: FunctionId): void {
    const state = this.#state;
    const slot = state.invocations.short.first(functionId);
    if (slot === NONE) return;
    this.#functions.set(functionId, this.#keyOf(slot), state.invocations.number[slot]);
  }

  /** Whether the one invocation starts before the other. */
  precedes(slot: InvocationSlot, other: InvocationSlot): boolean {
    const key = this.#keyOf(slot);
    const otherKey = this.#keyOf(other);
    const { number } = this.#state.invocations;
    return key === otherKey ? number[slot] < number[other] : key < otherKey;
  }

  /** The first one cannot start now: those behind it are tried, until `resume`. */
  passOver(slot: InvocationSlot): void {
    const functionId = this.#state.invocations.functionId[slot];
    this.#functions.remove(functionId);
    this.#passed.push(functionId);
  }

  /** Puts back what was passed over. */
  resume(): void {
    for (const functionId of this.#passed) this.offer(functionId);
    this.#passed.length = 0;
  }

  #keyOf(slot: InvocationSlot): number {
    const state = this.#state;
    const { functionId, arrivedAt } = state.invocations;
    return state.policies.queue.key(state, functionId[slot], arrivedAt[slot]);
  }
}
