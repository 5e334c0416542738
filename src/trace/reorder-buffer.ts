/**
 * A bounded heap of arrivals that puts a nearly sorted sequence in order: by due time, then
 * function, then the order in which they came.
 */
export class ReorderBuffer {
  readonly capacity: number;
  readonly #atUs: Float64Array;
  readonly #functionId: Int32Array;
  readonly #runUs: Float64Array;
  readonly #order: Float64Array;
  /** Slots of the columns above: a heap up to `#size`, free ones behind it. */
  readonly #heap: Int32Array;
  #size = 0;
  #pushed = 0;
  #taken = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#atUs = new Float64Array(capacity);
    this.#functionId = new Int32Array(capacity);
    this.#runUs = new Float64Array(capacity);
    this.#order = new Float64Array(capacity);
    this.#heap = Int32Array.from({ length: capacity }, (_, slot) => slot);
  }

  get size(): number {
    return this.#size;
  }

  /** Due time, function and run time of the arrival that `take` took last. */
  get atUs(): number {
    return this.#atUs[this.#taken];
  }

  get functionId(): number {
    return this.#functionId[this.#taken];
  }

  get runUs(): number {
    return this.#runUs[this.#taken];
  }

  /** Adds an arrival; the buffer must not be full. */
  push(atUs: number, functionId: number, runUs: number): void {
    const slot = this.#heap[this.#size];
    this.#atUs[slot] = atUs;
    this.#functionId[slot] = functionId;
    this.#runUs[slot] = runUs;
    this.#order[slot] = this.#pushed++;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(slot, this.#heap[parent])) break;
      this.#heap[at] = this.#heap[parent];
      at = parent;
    }
    this.#heap[at] = slot;
  }

  /** Removes the first arrival; the buffer must not be empty. */
  take(): void {
    const heap = this.#heap;
    this.#taken = heap[0];
    const size = --this.#size;
    const slot = heap[size];
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#before(heap[child + 1], heap[child])) child++;
      if (!this.#before(heap[child], slot)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = slot;
    heap[size] = this.#taken;
  }

  #before(a: number, b: number): boolean {
    if (this.#atUs[a] !== this.#atUs[b]) return this.#atUs[a] < this.#atUs[b];
    if (this.#functionId[a] !== this.#functionId[b]) {
      return this.#functionId[a] < this.#functionId[b];
    }
    return this.#order[a] < this.#order[b];
  }
}
