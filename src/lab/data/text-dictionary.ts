const NO_SLOT = -1;

/**
 * The texts that occur in a row group, and per row which one: each text of the file has a number, and
 * was encoded once. What it has is valid until the next `take`.
 */
export class TextDictionary {
  /** Per number of a text: its bytes as Parquet's encoding PLAIN has them, the length first. */
  readonly #plain: readonly Uint8Array[];
  /** Per number of a text: its place in the dictionary of this group. */
  readonly #slots: Int32Array;
  readonly #indexes: Int32Array;
  readonly #hasText: Uint8Array;
  #used: number[] = [];
  #rows = 0;
  #filled = 0;

  constructor(texts: readonly string[], mostRows: number) {
    this.#plain = texts.map(plain);
    this.#slots = new Int32Array(texts.length).fill(NO_SLOT);
    this.#indexes = new Int32Array(mostRows);
    this.#hasText = new Uint8Array(mostRows);
  }

  /** Takes the rows of a group: the number of each row's text; -1: it has none. */
  take(numbers: Int32Array | Int8Array, rows: number): void {
    for (const number of this.#used) this.#slots[number] = NO_SLOT;
    this.#used = [];
    this.#rows = rows;
    let filled = 0;
    for (let row = 0; row < rows; row++) {
      const number = numbers[row];
      this.#hasText[row] = number < 0 ? 0 : 1;
      if (number >= 0) this.#indexes[filled++] = this.#slotOf(number);
    }
    this.#filled = filled;
  }

  /** Per row that has a text: its place in `texts`. */
  get indexes(): Int32Array {
    return this.#indexes.subarray(0, this.#filled);
  }

  /** Per row 1 if it has a text. */
  get hasText(): Uint8Array {
    return this.#hasText.subarray(0, this.#rows);
  }

  get nulls(): number {
    return this.#rows - this.#filled;
  }

  /** Bits that an index takes. */
  get bitWidth(): number {
    return 32 - Math.clz32(Math.max(0, this.#used.length - 1));
  }

  get size(): number {
    return this.#used.length;
  }

  /** The texts, encoded. */
  get texts(): Uint8Array {
    return Buffer.concat(this.#used.map((number) => this.#plain[number]));
  }

  #slotOf(number: number): number {
    if (this.#slots[number] === NO_SLOT) this.#slots[number] = this.#used.push(number) - 1;
    return this.#slots[number];
  }
}

function plain(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
