import { InputError } from "../../basics/errors.js";

/** The names of a table's columns, and where the table is, for errors. */
export interface TableHeader {
  readonly path: string;
  readonly columns: readonly string[];
}

/**
 * A block of consecutive rows of a table, read with `while (rows.next())`. The accessors read the
 * row that `next` moved to. A block is valid until the next one is read.
 */
export abstract class Rows {
  readonly header: TableHeader;

  constructor(header: TableHeader) {
    this.header = header;
  }

  /** Moves to the next row; false at the end of the block. */
  abstract next(): boolean;
  /** Line of the file at which the current row starts, from 1. */
  abstract get line(): number;
  abstract text(column: number): string;
  /** A finite number of at least 0. Errors: InputError with file, line and column. */
  abstract number(column: number): number;

  /** Index of a column, or -1. */
  find(name: string): number {
    return this.header.columns.indexOf(name);
  }

  /** Index of a column. Errors: InputError if the header lacks it. */
  column(name: string): number {
    const index = this.find(name);
    if (index < 0) requireColumns(this.header, [name]);
    return index;
  }

  /** An error about the current row. */
  error(problem: string): InputError {
    return new InputError(`${this.header.path}:${this.line}: ${problem}`);
  }

  protected parseNumber(column: number, text: string): number {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
    const name = this.header.columns[column];
    throw this.error(`column ${name} is "${text}", expected a number of at least 0`);
  }

  protected checkWidth(fields: number): void {
    const expected = this.header.columns.length;
    if (fields === expected) return;
    throw this.error(`${fields} fields, expected ${expected} as in the header`);
  }
}

/** Rows as fast-csv hands them out: arrays of strings. */
export class TextRows extends Rows {
  readonly #rows: readonly (readonly string[])[];
  #row: readonly string[] = [];
  #index = 0;
  #line = 0;
  #nextLine: number;

  constructor(header: TableHeader, rows: readonly (readonly string[])[], firstLine: number) {
    super(header);
    this.#rows = rows;
    this.#nextLine = firstLine;
  }

  get line(): number {
    return this.#line;
  }

  /** Line after the last row that was read. */
  get nextLine(): number {
    return this.#nextLine;
  }

  next(): boolean {
    while (this.#index < this.#rows.length) {
      this.#row = this.#rows[this.#index++];
      this.#line = this.#nextLine;
      this.#nextLine += 1 + countLineBreaks(this.#row);
      if (this.#row.length === 0) continue;
      this.checkWidth(this.#row.length);
      return true;
    }
    return false;
  }

  text(column: number): string {
    return this.#row[column];
  }

  number(column: number): number {
    return this.parseNumber(column, this.#row[column]);
  }
}

/** Errors: InputError naming each column that is missing, and what the header has. */
export function requireColumns(header: TableHeader, names: readonly string[]): void {
  const missing = names.filter((name) => !header.columns.includes(name));
  if (missing.length === 0) return;
  const shown = header.columns.slice(0, 12).join(",");
  const rest = header.columns.length - 12;
  const has = rest > 0 ? `${shown},... (${rest} more)` : shown;
  throw new InputError(
    `${header.path}:1: column ${missing.join(", ")} is missing, the header has ${has}`,
  );
}

function countLineBreaks(row: readonly string[]): number {
  let breaks = 0;
  for (const field of row) {
    for (let at = field.indexOf("\n"); at >= 0; at = field.indexOf("\n", at + 1)) breaks++;
  }
  return breaks;
}
