import { Rows, type TableHeader } from "./rows.js";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
/** Every integer of at most this many digits is exact in a double. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/**
 * Rows read directly from a file's bytes: no string is made for a cell that is read only as a
 * number. The text must have no quotes, and end with a line break or with the end of the file.
 */
export class ByteRows extends Rows {
  readonly #bytes: Buffer;
  readonly #ends: Int32Array;
  #start = 0;
  #position = 0;
  #line: number;

  constructor(header: TableHeader, bytes: Buffer, firstLine: number) {
    super(header);
    this.#bytes = bytes;
    this.#ends = new Int32Array(header.columns.length);
    this.#line = firstLine - 1;
  }

  get line(): number {
    return this.#line;
  }

  next(): boolean {
    const bytes = this.#bytes;
    while (this.#position < bytes.length) {
      this.#start = this.#position;
      this.#line++;
      const fields = this.#splitLine();
      const empty = fields === 1 && this.#ends[0] === this.#start;
      if (empty) continue;
      this.checkWidth(fields);
      return true;
    }
    return false;
  }

  text(column: number): string {
    return this.#bytes.toString("utf8", this.#startOf(column), this.#ends[column]);
  }

  number(column: number): number {
    const bytes = this.#bytes;
    const end = this.#ends[column];
    const start = this.#startOf(column);
    let value = 0;
    let point = -1;
    for (let at = start; at < end; at++) {
      const digit = bytes[at] - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (bytes[at] === POINT && point < 0) point = at;
      else return this.parseNumber(column, this.text(column));
    }
    const digits = end - start - (point < 0 ? 0 : 1);
    if (digits === 0 || digits > EXACT_DIGITS) return this.parseNumber(column, this.text(column));
    return point < 0 ? value : value / POWERS_OF_TEN[end - point - 1];
  }

  /** Records where the fields of the line at `#position` end, and moves to the next line. */
  #splitLine(): number {
    const bytes = this.#bytes;
    const ends = this.#ends;
    const length = bytes.length;
    let at = this.#position;
    let fields = 0;
    for (; at < length; at++) {
      const byte = bytes[at];
      if (byte > COMMA) continue;
      if (byte === COMMA) ends[fields++] = at;
      else if (byte === LINE_FEED) break;
    }
    const withReturn = at > this.#start && bytes[at - 1] === CARRIAGE_RETURN;
    ends[fields++] = withReturn ? at - 1 : at;
    this.#position = at + 1;
    return fields;
  }

  #startOf(column: number): number {
    return column === 0 ? this.#start : this.#ends[column - 1] + 1;
  }
}
