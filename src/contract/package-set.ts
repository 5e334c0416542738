/** Index of a package in the catalogue. */
export type PackageId = number;

/**
 * An immutable set of packages: sorted ids to walk over, and one bit per package to compare. Two
 * sets of a 500-package catalogue are compared in 16 words.
 */
export class PackageSet {
  static readonly EMPTY: PackageSet = new PackageSet([]);

  /** In ascending order. */
  readonly ids: Int32Array;
  readonly #words: Uint32Array;

  constructor(ids: Iterable<PackageId>) {
    this.ids = isAscending(ids) ? ids.slice() : Int32Array.from(new Set(ids)).sort();
    const highest = this.ids.length === 0 ? -1 : this.ids[this.ids.length - 1];
    this.#words = new Uint32Array((highest >> 5) + 1);
    for (const id of this.ids) this.#words[id >> 5] |= 1 << (id & 31);
  }

  get size(): number {
    return this.ids.length;
  }

  has(id: PackageId): boolean {
    const word = id >> 5;
    return word < this.#words.length && (this.#words[word] & (1 << (id & 31))) !== 0;
  }

  isSubsetOf(other: PackageSet): boolean {
    const mine = this.#words;
    const theirs = other.#words;
    if (mine.length > theirs.length) return false;
    for (let i = 0; i < mine.length; i++) if ((mine[i] & ~theirs[i]) !== 0) return false;
    return true;
  }

  equals(other: PackageSet): boolean {
    return this.size === other.size && this.isSubsetOf(other);
  }

  /** The packages of this set that `other` lacks. */
  minus(other: PackageSet): PackageSet {
    return new PackageSet(this.ids.filter((id) => !other.has(id)));
  }

  union(other: PackageSet): PackageSet {
    return new PackageSet([...this.ids, ...other.ids]);
  }
}

/** True if the ids are sorted and without repetition already, as those of another set are. */
function isAscending(ids: Iterable<PackageId>): ids is Int32Array {
  if (!(ids instanceof Int32Array)) return false;
  for (let i = 1; i < ids.length; i++) if (ids[i - 1] >= ids[i]) return false;
  return true;
}
