import { enlarge } from "./linked-lists.js";

/**
 * A priority queue of (key, payload) pairs in typed arrays. It is a heap with four children per
 * node, which has half the levels of a binary heap. The smallest key comes first, and equal keys
 * come in order of insertion, so the order of events is total.
 */
export class TimeHeap {
  #keys: Float64Array;
  #sequences: Float64Array;
  #payloads: Int32Array;
  #size = 0;
  #sequence = 0;

  constructor(capacity = 64) {
    this.#keys = new Float64Array(capacity);
    this.#sequences = new Float64Array(capacity);
    this.#payloads = new Int32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** The smallest key; Infinity if the heap is empty. */
  get minKey(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#keys[0];
  }

  push(key: number, payload: number): void {
    if (this.#size === this.#keys.length) this.#grow();
    const keys = this.#keys;
    const sequences = this.#sequences;
    const payloads = this.#payloads;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (keys[parent] <= key) break; // on a tie the parent is the older one
      keys[at] = keys[parent];
      sequences[at] = sequences[parent];
      payloads[at] = payloads[parent];
      at = parent;
    }
    keys[at] = key;
    sequences[at] = this.#sequence++;
    payloads[at] = payload;
  }

  /** Removes the pair with the smallest key and returns its payload. The heap must not be empty. */
  pop(): number {
    const keys = this.#keys;
    const sequences = this.#sequences;
    const payloads = this.#payloads;
    const result = payloads[0];
    const size = --this.#size;
    const key = keys[size];
    const sequence = sequences[size];
    const payload = payloads[size];
    let at = 0;
    for (;;) {
      const firstChild = 4 * at + 1;
      if (firstChild >= size) break;
      const end = Math.min(firstChild + 4, size);
      let least = firstChild;
      let leastKey = keys[firstChild];
      for (let child = firstChild + 1; child < end; child++) {
        const childKey = keys[child];
        if (childKey < leastKey || (childKey === leastKey && sequences[child] < sequences[least])) {
          least = child;
          leastKey = childKey;
        }
      }
      if (leastKey > key || (leastKey === key && sequences[least] > sequence)) break;
      keys[at] = leastKey;
      sequences[at] = sequences[least];
      payloads[at] = payloads[least];
      at = least;
    }
    keys[at] = key;
    sequences[at] = sequence;
    payloads[at] = payload;
    return result;
  }

  #grow(): void {
    const capacity = this.#keys.length * 2;
    this.#keys = enlarge(this.#keys, capacity, 0);
    this.#sequences = enlarge(this.#sequences, capacity, 0);
    this.#payloads = enlarge(this.#payloads, capacity, 0);
  }
}
