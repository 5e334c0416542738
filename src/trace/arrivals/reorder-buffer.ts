/**
 * A bounded buffer that puts a nearly sorted sequence of arrivals in order: by due time, then
 * function, then the order in which they came. Arrivals that come in order wait in a queue and the
 * others in a heap, so sorted input takes constant time per arrival.
 */
export class ReorderBuffer {
  readonly capacity: number;
  readonly #atUs: Float64Array;
  readonly #functionId: Int32Array;
  readonly #runUs: Float64Array;
  readonly #order: Float64Array;
  /** Free slots of the columns above: the last `capacity - size` entries of this list. */
  readonly #free: Int32Array;
  readonly #queue: Int32Array;
  readonly #heap: Int32Array;
  #queueHead = 0;
  #queueSize = 0;
  #heapSize = 0;
  #pushed = 0;
  #newest = 0;
  #taken = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#atUs = new Float64Array(capacity);
    this.#functionId = new Int32Array(capacity);
    this.#runUs = new Float64Array(capacity);
    this.#order = new Float64Array(capacity);
    this.#free = Int32Array.from({ length: capacity }, (_, slot) => slot);
    this.#queue = new Int32Array(capacity);
    this.#heap = new Int32Array(capacity);
  }

  get size(): number {
    return this.#queueSize + this.#heapSize;
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
    const slot = this.#free[this.size];
    this.#atUs[slot] = atUs;
    this.#functionId[slot] = functionId;
    this.#runUs[slot] = runUs;
    this.#order[slot] = this.#pushed++;
    if (this.#queueSize > 0 && this.#before(slot, this.#newest)) this.#pushOnHeap(slot);
    else {
      this.#queue[this.#wrap(this.#queueHead + this.#queueSize++)] = slot;
      this.#newest = slot;
    }
  }

  /** Removes the first arrival; the buffer must not be empty. */
  take(): void {
    const first = this.#queue[this.#queueHead];
    const fromHeap =
      this.#heapSize > 0 && (this.#queueSize === 0 || this.#before(this.#heap[0], first));
    if (fromHeap) this.#taken = this.#takeFromHeap();
    else {
      this.#taken = first;
      this.#queueHead = this.#wrap(this.#queueHead + 1);
      this.#queueSize--;
    }
    this.#free[this.size] = this.#taken;
  }

  #pushOnHeap(slot: number): void {
    const heap = this.#heap;
    let at = this.#heapSize++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(slot, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = slot;
  }

  #takeFromHeap(): number {
    const heap = this.#heap;
    const first = heap[0];
    const size = --this.#heapSize;
    const slot = heap[size];
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#before(heap[child + 1], heap[child])) child++;
      if (!this.#before(heap[child], slot)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = slot;
    return first;
  }

  #wrap(position: number): number {
    return position < this.capacity ? position : position - this.capacity;
  }

  #before(a: number, b: number): boolean {
    if (this.#atUs[a] !== this.#atUs[b]) return this.#atUs[a] < this.#atUs[b];
    if (this.#functionId[a] !== this.#functionId[b]) {
      return this.#functionId[a] < this.#functionId[b];
    }
    return this.#order[a] < this.#order[b];
  }
}
