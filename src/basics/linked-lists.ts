import { NONE } from "./none.js";

/**
 * Many doubly linked lists over one range of slots; each slot is in at most one list. Pushing and
 * removing are O(1) and allocate nothing, because every invocation passes through such lists.
 */
export class LinkedLists {
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #count: Int32Array;
  #next: Int32Array;
  #previous: Int32Array;
  #listOf: Int32Array;

  constructor(lists: number, slots: number) {
    this.#first = new Int32Array(lists).fill(NONE);
    this.#last = new Int32Array(lists).fill(NONE);
    this.#count = new Int32Array(lists);
    this.#next = new Int32Array(slots).fill(NONE);
    this.#previous = new Int32Array(slots).fill(NONE);
    this.#listOf = new Int32Array(slots).fill(NONE);
  }

  /** Makes room for this slot, if there is none yet. */
  reach(slot: number): void {
    if (slot >= this.#next.length) this.grow(Math.max(64, 2 * slot));
  }

  /** Makes room for slots below `slots`. */
  grow(slots: number): void {
    this.#next = enlarge(this.#next, slots, NONE);
    this.#previous = enlarge(this.#previous, slots, NONE);
    this.#listOf = enlarge(this.#listOf, slots, NONE);
  }

  first(list: number): number {
    return this.#first[list];
  }

  last(list: number): number {
    return this.#last[list];
  }

  count(list: number): number {
    return this.#count[list];
  }

  /** The slot after this one in its list; NONE at the end. */
  next(slot: number): number {
    return this.#next[slot];
  }

  /** The slot before this one in its list; NONE at the front. */
  previous(slot: number): number {
    return this.#previous[slot];
  }

  /** The list that the slot is in; NONE if it is in no list. */
  listOf(slot: number): number {
    return this.#listOf[slot];
  }

  pushLast(list: number, slot: number): void {
    const last = this.#last[list];
    this.#previous[slot] = last;
    this.#next[slot] = NONE;
    if (last === NONE) this.#first[list] = slot;
    else this.#next[last] = slot;
    this.#last[list] = slot;
    this.#enter(list, slot);
  }

  /**
   * Puts the slot behind `previous`, a slot of the same list; if `previous` is NONE, at the front.
   */
  pushAfter(list: number, previous: number, slot: number): void {
    const next = previous === NONE ? this.#first[list] : this.#next[previous];
    this.#previous[slot] = previous;
    this.#next[slot] = next;
    if (previous === NONE) this.#first[list] = slot;
    else this.#next[previous] = slot;
    if (next === NONE) this.#last[list] = slot;
    else this.#previous[next] = slot;
    this.#enter(list, slot);
  }

  /** Takes the slot out of its list; a slot that is in no list is left alone. */
  remove(slot: number): void {
    const list = this.#listOf[slot];
    if (list === NONE) return;
    const previous = this.#previous[slot];
    const next = this.#next[slot];
    if (previous === NONE) this.#first[list] = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#last[list] = previous;
    else this.#previous[next] = previous;
    this.#listOf[slot] = NONE;
    this.#count[list]--;
  }

  #enter(list: number, slot: number): void {
    this.#listOf[slot] = list;
    this.#count[list]++;
  }
}

/** A longer copy of a typed array, whose new part is filled with `fill`. */
export function enlarge<A extends Int32Array | Float64Array | Uint8Array>(
  array: A,
  length: number,
  fill: number,
): A {
  const longer = new (array.constructor as new (length: number) => A)(length);
  longer.set(array);
  longer.fill(fill, array.length);
  return longer;
}
