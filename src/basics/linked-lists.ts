import { NONE } from "./none.js";

/** The fields of a slot. They lie side by side, because one operation uses them all. */
const NEXT = 0;
const PREVIOUS = 1;
const LIST = 2;
const SLOT_BITS = 2;
/** The fields of a list. */
const FIRST = 0;
const LAST = 1;
const COUNT = 2;
const LIST_BITS = 2;

/**
 * Many doubly linked lists over one range of slots; each slot is in at most one list. Pushing and
 * removing are O(1) and allocate nothing, because every invocation passes through such lists.
 */
export class LinkedLists {
  readonly #lists: Int32Array;
  #slots: Int32Array;

  constructor(lists: number, slots: number) {
    this.#lists = new Int32Array(lists << LIST_BITS).fill(NONE);
    for (let list = 0; list < lists; list++) this.#lists[(list << LIST_BITS) + COUNT] = 0;
    this.#slots = new Int32Array(slots << SLOT_BITS).fill(NONE);
  }

  /** Makes room for this slot, if there is none yet. */
  reach(slot: number): void {
    if (slot << SLOT_BITS >= this.#slots.length) this.grow(Math.max(64, 2 * slot));
  }

  /** Makes room for slots below `slots`. */
  grow(slots: number): void {
    this.#slots = enlarge(this.#slots, slots << SLOT_BITS, NONE);
  }

  first(list: number): number {
    return this.#lists[(list << LIST_BITS) + FIRST];
  }

  last(list: number): number {
    return this.#lists[(list << LIST_BITS) + LAST];
  }

  count(list: number): number {
    return this.#lists[(list << LIST_BITS) + COUNT];
  }

  /** The slot after this one in its list; NONE at the end. */
  next(slot: number): number {
    return this.#slots[(slot << SLOT_BITS) + NEXT];
  }

  /** The slot before this one in its list; NONE at the front. */
  previous(slot: number): number {
    return this.#slots[(slot << SLOT_BITS) + PREVIOUS];
  }

  /** The list that the slot is in; NONE if it is in no list. */
  listOf(slot: number): number {
    return this.#slots[(slot << SLOT_BITS) + LIST];
  }

  pushLast(list: number, slot: number): void {
    this.#insert(list, this.#lists[(list << LIST_BITS) + LAST], NONE, slot);
  }

  /**
   * Puts the slot behind `previous`, a slot of the same list; if `previous` is NONE, at the front.
   */
  pushAfter(list: number, previous: number, slot: number): void {
    const next = previous === NONE ? this.first(list) : this.next(previous);
    this.#insert(list, previous, next, slot);
  }

  /** Takes the slot out of its list; a slot that is in no list is left alone. */
  remove(slot: number): void {
    const slots = this.#slots;
    const lists = this.#lists;
    const at = slot << SLOT_BITS;
    const list = slots[at + LIST];
    if (list === NONE) return;
    const previous = slots[at + PREVIOUS];
    const next = slots[at + NEXT];
    if (previous === NONE) lists[(list << LIST_BITS) + FIRST] = next;
    else slots[(previous << SLOT_BITS) + NEXT] = next;
    if (next === NONE) lists[(list << LIST_BITS) + LAST] = previous;
    else slots[(next << SLOT_BITS) + PREVIOUS] = previous;
    slots[at + LIST] = NONE;
    lists[(list << LIST_BITS) + COUNT]--;
  }

  /** Puts the slot between two neighbours of the list; NONE: it has no neighbour on that side. */
  #insert(list: number, previous: number, next: number, slot: number): void {
    const slots = this.#slots;
    const lists = this.#lists;
    const at = slot << SLOT_BITS;
    slots[at + PREVIOUS] = previous;
    slots[at + NEXT] = next;
    slots[at + LIST] = list;
    if (previous === NONE) lists[(list << LIST_BITS) + FIRST] = slot;
    else slots[(previous << SLOT_BITS) + NEXT] = slot;
    if (next === NONE) lists[(list << LIST_BITS) + LAST] = slot;
    else slots[(next << SLOT_BITS) + PREVIOUS] = slot;
    lists[(list << LIST_BITS) + COUNT]++;
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
