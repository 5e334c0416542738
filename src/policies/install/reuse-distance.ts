import type { PackageId } from "../../contract/package-set.js";

/**
 * Reuse distances in bytes: the size that a least-recently-used cache needs so that a use is a hit.
 * It is the size of the package and of all others used since its last use. A Fenwick tree over the
 * order of last uses sums them in logarithmic time; places are renumbered when they run out.
 */
export class ReuseDistances {
  readonly #bytes: readonly number[];
  /** Place of each package's last use; 0: never used. */
  readonly #placeOf: Int32Array;
  /** Package at each place; -1: the package was used again since. */
  readonly #packageAt: Int32Array;
  readonly #sums: Float64Array;
  #lastPlace = 0;

  /** `bytes` is the size of each package. */
  constructor(bytes: readonly number[]) {
    this.#bytes = bytes;
    const places = 4 * bytes.length + 1;
    this.#placeOf = new Int32Array(bytes.length);
    this.#packageAt = new Int32Array(places).fill(-1);
    this.#sums = new Float64Array(places);
  }

  /**
   * Counts a use. Returns the bytes of distinct packages from the package's last use to this one,
   * itself included; Infinity on its first use.
   */
  use(id: PackageId): number {
    const last = this.#placeOf[id];
    const since = last === 0 ? Number.POSITIVE_INFINITY : this.#total() - this.#sumUpTo(last - 1);
    if (last !== 0) this.#take(last);
    if (this.#lastPlace === this.#packageAt.length - 1) this.#renumber();
    this.#put(++this.#lastPlace, id);
    return since;
  }

  #total(): number {
    return this.#sumUpTo(this.#lastPlace);
  }

  #put(place: number, id: PackageId): void {
    this.#placeOf[id] = place;
    this.#packageAt[place] = id;
    this.#add(place, this.#bytes[id]);
  }

  #take(place: number): void {
    this.#add(place, -this.#bytes[this.#packageAt[place]]);
    this.#packageAt[place] = -1;
  }

  #renumber(): void {
    const inOrder = this.#packageAt.filter((id) => id !== -1);
    this.#packageAt.fill(-1);
    this.#sums.fill(0);
    this.#lastPlace = 0;
    for (const id of inOrder) this.#put(++this.#lastPlace, id);
  }

  #add(place: number, bytes: number): void {
    for (let at = place; at < this.#sums.length; at += at & -at) this.#sums[at] += bytes;
  }

  #sumUpTo(place: number): number {
    let sum = 0;
    for (let at = place; at > 0; at -= at & -at) sum += this.#sums[at];
    return sum;
  }
}
