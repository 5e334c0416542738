/**
 * A min-heap of small integer ids, each of which has a key and occurs at most once. The smallest
 * key comes first; of equal keys, the one with the smallest second key. Adding, removing and
 * re-keying take logarithmic time.
 */
export class KeyedHeap {
  readonly #heap: number[] = [];
  readonly #keys: number[] = [];
  readonly #seconds: number[] = [];
  /** Place in the heap per id; undefined or -1: it is not in the heap. */
  readonly #places: number[] = [];

  /** The id with the smallest key; -1 if the heap is empty. */
  get first(): number {
    return this.#heap.length === 0 ? -1 : this.#heap[0];
  }

  /** Key of an id, which must be in the heap. */
  keyOf(id: number): number {
    return this.#keys[id];
  }

  /** Second key of an id, which must be in the heap. */
  secondOf(id: number): number {
    return this.#seconds[id];
  }

  has(id: number): boolean {
    return (this.#places[id] ?? -1) !== -1;
  }

  /** Adds the id, or gives it other keys. Without a second key, its own number is the second one. */
  set(id: number, key: number, second = id): void {
    while (this.#places.length <= id) {
      this.#places.push(-1);
      this.#keys.push(0);
      this.#seconds.push(0);
    }
    this.#keys[id] = key;
    this.#seconds[id] = second;
    if (this.#places[id] === -1) this.#places[id] = this.#heap.push(id) - 1;
    this.#restore(this.#places[id]);
  }

  remove(id: number): void {
    if (!this.has(id)) return;
    const place = this.#places[id];
    this.#places[id] = -1;
    const last = this.#heap.pop()!;
    if (last === id) return;
    this.#heap[place] = last;
    this.#places[last] = place;
    this.#restore(place);
  }

  #restore(from: number): void {
    let place = from;
    while (place > 0 && this.#precedes(place, (place - 1) >> 1)) {
      this.#swap(place, (place - 1) >> 1);
      place = (place - 1) >> 1;
    }
    for (;;) {
      const left = 2 * place + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const least = right < this.#heap.length && this.#precedes(right, left) ? right : left;
      if (!this.#precedes(least, place)) return;
      this.#swap(least, place);
      place = least;
    }
  }

  #precedes(a: number, b: number): boolean {
    const idA = this.#heap[a];
    const idB = this.#heap[b];
    if (this.#keys[idA] !== this.#keys[idB]) return this.#keys[idA] < this.#keys[idB];
    return this.#seconds[idA] < this.#seconds[idB];
  }

  #swap(a: number, b: number): void {
    const idA = this.#heap[a];
    const idB = this.#heap[b];
    this.#heap[a] = idB;
    this.#heap[b] = idA;
    this.#places[idB] = a;
    this.#places[idA] = b;
  }
}
