import { LinkedLists } from "../../basics/linked-lists.js";
import { NONE } from "../../basics/none.js";
import type { FunctionId } from "../../contract/workload.js";

/**
 * Functions whose last container was evicted, remembered for a while in lists of limited bytes. The
 * next arrival of such a function is a ghost hit, and its next container enters the cache as one
 * that returns.
 */
export class Ghosts {
  readonly #lists: LinkedLists;
  readonly #bytes: Float64Array;
  readonly #bytesOf: Float64Array;
  readonly #liveOf: Int32Array;
  readonly #returns: Uint8Array;

  constructor(lists: number, functions: number) {
    this.#lists = new LinkedLists(lists, functions);
    this.#bytes = new Float64Array(lists);
    this.#bytesOf = new Float64Array(functions);
    this.#liveOf = new Int32Array(functions);
    this.#returns = new Uint8Array(functions);
  }

  bytes(list: number): number {
    return this.#bytes[list];
  }

  bytesOf(functionId: FunctionId): number {
    return this.#bytesOf[functionId];
  }

  /** An invocation arrived. A ghost hit returns the list, and forgets the function; else NONE. */
  arrived(functionId: FunctionId): number {
    const list = this.#lists.listOf(functionId);
    if (list === NONE) return NONE;
    this.#forget(functionId);
    this.#returns[functionId] = 1;
    return list;
  }

  /** A container is ready. True: it is the first one after a ghost hit. */
  containerReady(functionId: FunctionId): boolean {
    this.#liveOf[functionId]++;
    this.#forget(functionId); // a pre-warmed container comes without an arrival
    const returns = this.#returns[functionId] === 1;
    this.#returns[functionId] = 0;
    return returns;
  }

  /** A container is gone. True: it was the function's last. */
  containerGone(functionId: FunctionId): boolean {
    return --this.#liveOf[functionId] === 0;
  }

  /** Puts the function at the end of the list. */
  remember(list: number, functionId: FunctionId, bytes: number): void {
    this.#lists.pushLast(list, functionId);
    this.#bytesOf[functionId] = bytes;
    this.#bytes[list] += bytes;
  }

  /** Forgets the functions that have been in the list for longest, until it has these bytes. */
  trim(list: number, bytes: number): void {
    while (this.#bytes[list] > bytes) this.#forget(this.#lists.first(list));
  }

  #forget(functionId: FunctionId): void {
    const list = this.#lists.listOf(functionId);
    if (list === NONE) return;
    this.#lists.remove(functionId);
    this.#bytes[list] -= this.#bytesOf[functionId];
  }
}
