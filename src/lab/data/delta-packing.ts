/** Values of a block, and of its four miniblocks: the format allows others, readers expect these. */
const BLOCK = 128;
const MINIBLOCKS = 4;
const MINIBLOCK = BLOCK / MINIBLOCKS;
/** Header: two varints of 2 and 1 bytes, two of at most 10. Block: minimum, widths, values. */
const HEADER_BYTES = 32;
const BLOCK_BYTES = 10 + MINIBLOCKS + 8 * BLOCK;
/** Differences of such values and of these differences are exact in a double. */
const TOO_LARGE = 2 ** 52;
const TWO_32 = 2 ** 32;

/**
 * Packs whole numbers as Parquet's encoding DELTA_BINARY_PACKED of 64-bit integers (apache
 * parquet-format, Encodings.md): each block of differences is stored as its least one and, in as
 * few bits as they take, the distances from it. Numbers stay doubles: a bigint per value would take
 * many times as long.
 */
export class DeltaPacker {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Distances of the block from its least difference. */
  readonly #distances = new Float64Array(BLOCK);
  #at = 0;
  /** Bits that are not stored yet, and their number. */
  #word = 0;
  #bits = 0;

  constructor(mostValues: number) {
    const blocks = Math.ceil(mostValues / BLOCK);
    this.#bytes = new Uint8Array(HEADER_BYTES + blocks * BLOCK_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /**
   * The packed form of the first `count` values, at least one. It is valid until the next call;
   * undefined: a value is negative or too large to be packed exactly here.
   */
  pack(values: Float64Array, count: number): Uint8Array | undefined {
    for (let at = 0; at < count; at++) {
      if (!(values[at] >= 0 && values[at] < TOO_LARGE)) return undefined;
    }
    this.#at = 0;
    this.#varint(BLOCK);
    this.#varint(MINIBLOCKS);
    this.#varint(count);
    this.#zigzag(values[0]);
    for (let from = 1; from < count; from += BLOCK) {
      this.#block(values, from, Math.min(BLOCK, count - from));
    }
    return this.#bytes.subarray(0, this.#at);
  }

  #block(values: Float64Array, from: number, size: number): void {
    const distances = this.#distances;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < size; at++) {
      const difference = values[from + at] - values[from + at - 1];
      distances[at] = difference;
      if (difference < least) least = difference;
      if (difference > most) most = difference;
    }
    this.#zigzag(least);
    const widthsAt = this.#at;
    this.#at += MINIBLOCKS;
    this.#bytes.fill(0, widthsAt, this.#at);
    if (least === most) return;
    for (let at = 0; at < size; at++) distances[at] -= least;
    distances.fill(0, size);
    for (let miniblock = 0; miniblock < MINIBLOCKS; miniblock++) {
      const first = miniblock * MINIBLOCK;
      const width = this.#widthOf(first);
      this.#bytes[widthsAt + miniblock] = width;
      if (width > 0) this.#miniblock(first, width);
    }
  }

  /** Bits that the largest distance of a miniblock takes. */
  #widthOf(first: number): number {
    let most = 0;
    for (let at = first; at < first + MINIBLOCK; at++) {
      if (this.#distances[at] > most) most = this.#distances[at];
    }
    if (most < TWO_32) return 32 - Math.clz32(most);
    return 64 - Math.clz32(Math.floor(most / TWO_32));
  }

  /** 32 values take a whole number of words of 32 bits, so no bits are left over. */
  #miniblock(first: number, width: number): void {
    const distances = this.#distances;
    for (let at = first; at < first + MINIBLOCK; at++) {
      const value = distances[at];
      if (width <= 32) {
        this.#put(value, width);
      } else {
        const high = Math.floor(value / TWO_32);
        this.#put(value - high * TWO_32, 32);
        this.#put(high, width - 32);
      }
    }
  }

  /** Appends the lowest `width` bits, at most 32. */
  #put(value: number, width: number): void {
    const bits = this.#bits;
    this.#word |= value << bits;
    this.#bits = bits + width;
    if (this.#bits < 32) return;
    this.#view.setInt32(this.#at, this.#word, true);
    this.#at += 4;
    this.#bits -= 32;
    this.#word = this.#bits === 0 ? 0 : value >>> (width - this.#bits);
  }

  #zigzag(value: number): void {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }
}
