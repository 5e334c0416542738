import { csvField } from "../../basics/csv-field.js";
import { PHASES } from "../../contract/backend.js";
import { COMPLETED, OUTCOMES, START_KINDS } from "../../contract/observer.js";
import { INVOCATION_COLUMNS } from "../../results/tables/invocation-columns.js";
import { csvHeader } from "./csv-rows.js";
import type { InvocationBatch } from "./invocation-batch.js";
import type { InvocationEncoder, LoggedFunction } from "./invocation-encoder.js";

const BUFFER_BYTES = 1 << 20;
/** Digits of the largest whole number that a double holds exactly. */
const MOST_DIGITS = 16;
const COMMA = 44;
const ZERO = 48;
/** Numbers above this are written in two parts, so that each part is a small integer. */
const PART = 1_000_000_000;

/**
 * Writes invocations as CSV into one buffer: texts were encoded beforehand, and a row makes no
 * object.
 */
export class InvocationCsv implements InvocationEncoder {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  readonly #limit: number;
  /** Per function: its fields, and the comma after them. */
  readonly #functions: readonly Uint8Array[];
  #at = 0;

  constructor(functions: readonly LoggedFunction[], write: (bytes: Uint8Array) => void) {
    this.#write = write;
    this.#functions = functions.map(({ name, application }) =>
      encoded(`${csvField(name)},${application},`),
    );
    const longest = Math.max(0, ...this.#functions.map(({ length }) => length));
    const numbers = (PHASES.length + 6) * (MOST_DIGITS + 1);
    this.#limit = BUFFER_BYTES - longest - numbers - LONGEST_TEXTS;
    write(encoded(csvHeader(INVOCATION_COLUMNS)));
  }

  write(batch: InvocationBatch, rows: number): void {
    for (let row = 0; row < rows; row++) {
      if (this.#at > this.#limit) this.#flush();
      this.#row(batch, row);
    }
    this.#flush();
  }

  finish(): void {}

  #row(batch: InvocationBatch, row: number): void {
    const startKind = batch.startKind[row];
    const queueUs = batch.queueUs[row];
    const provisionUs = batch.provisionUs[row];
    const runUs = batch.runUs[row];
    this.#text(this.#functions[batch.functionId[row]]);
    this.#number(batch.number[row]);
    this.#comma();
    this.#number(batch.arrivedAtUs[row]);
    this.#text(STARTS[startKind + 1]);
    this.#number(queueUs);
    if (provisionUs === 0) this.#text(READY);
    else this.#provision(batch, row, provisionUs);
    this.#number(runUs);
    this.#comma();
    this.#number(queueUs + provisionUs + runUs);
    this.#text((startKind < 0 ? UNSERVED : SERVED)[batch.outcome[row]]);
  }

  #provision({ phaseUs }: InvocationBatch, row: number, provisionUs: number): void {
    this.#comma();
    this.#number(provisionUs);
    for (let phase = 0; phase < PHASES.length; phase++) {
      this.#comma();
      this.#number(phaseUs[phase][row]);
    }
    this.#comma();
  }

  #comma(): void {
    this.#bytes[this.#at++] = COMMA;
  }

  #text(text: Uint8Array): void {
    this.#bytes.set(text, this.#at);
    this.#at += text.length;
  }

  /** Writes a whole number of at least 0. */
  #number(value: number): void {
    if (value < PART) {
      this.#digits(value, digitsOf(value));
      return;
    }
    const high = Math.floor(value / PART);
    this.#digits(high, digitsOf(high));
    this.#digits(value - high * PART, 9);
  }

  #digits(value: number, digits: number): void {
    const bytes = this.#bytes;
    let rest = value | 0;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const above = (rest / 10) | 0;
      bytes[at] = ZERO + rest - above * 10;
      rest = above;
    }
    this.#at += digits;
  }

  #flush(): void {
    if (this.#at > 0) this.#write(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** By index in START_KINDS plus 1; first the one without a value. */
const STARTS = ["", ...START_KINDS].map((kind) => encoded(`,${kind},`));
/** From the queue time to the run time of a container that was ready. */
const READY = encoded(`,${"0,".repeat(1 + PHASES.length)}`);
/** By index in OUTCOMES: the end of a row for an invocation that a container served, and else. */
const SERVED = OUTCOMES.map((outcome, at) => encoded(`,${outcome},false,${at !== COMPLETED}\n`));
const UNSERVED = OUTCOMES.map((outcome) => encoded(`,${outcome},true,false\n`));
const LONGEST_TEXTS =
  Math.max(...[...SERVED, ...UNSERVED, ...STARTS].map(({ length }) => length)) * 2;
