import { PHASES } from "../../contract/backend.js";
import type { InvocationRecord } from "../../contract/observer.js";

/** Rows of a batch: also the rows of a row group of Parquet. */
export const ROWS_PER_BATCH = 65_536;

const NUMBERS_PER_ROW = 5 + PHASES.length;
const BYTES_PER_ROW = 8 * NUMBERS_PER_ROW + 4 + 1 + 1;

/** Invocations that ended, as columns in memory that two threads share. */
export class InvocationBatch {
  readonly buffer: SharedArrayBuffer;
  readonly number: Float64Array;
  readonly arrivedAtUs: Float64Array;
  readonly queueUs: Float64Array;
  readonly provisionUs: Float64Array;
  readonly runUs: Float64Array;
  /** One column per phase, in the order of PHASES; 0 for a container that was ready. */
  readonly phaseUs: readonly Float64Array[];
  readonly functionId: Int32Array;
  /** Index in START_KINDS, or -1. */
  readonly startKind: Int8Array;
  /** Index in OUTCOMES. */
  readonly outcome: Int8Array;

  /** Without a buffer, it makes one. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BYTES_PER_ROW * ROWS_PER_BATCH)) {
    this.buffer = buffer;
    const rows = ROWS_PER_BATCH;
    let at = 0;
    const next = (length: number, bytes: number) => {
      const start = at;
      at += length * bytes;
      return [buffer, start, length] as const;
    };
    this.number = new Float64Array(...next(rows, 8));
    this.arrivedAtUs = new Float64Array(...next(rows, 8));
    this.queueUs = new Float64Array(...next(rows, 8));
    this.provisionUs = new Float64Array(...next(rows, 8));
    this.runUs = new Float64Array(...next(rows, 8));
    this.phaseUs = PHASES.map(() => new Float64Array(...next(rows, 8)));
    this.functionId = new Int32Array(...next(rows, 4));
    this.startKind = new Int8Array(...next(rows, 1));
    this.outcome = new Int8Array(...next(rows, 1));
  }

  /** Copies a record into a row that is new or was cleared. */
  set(row: number, record: InvocationRecord): void {
    this.number[row] = record.invocation;
    this.arrivedAtUs[row] = record.arrivedAtUs;
    this.queueUs[row] = record.queueUs;
    this.provisionUs[row] = record.provisionUs;
    this.runUs[row] = record.runUs;
    this.functionId[row] = record.functionId;
    this.startKind[row] = record.startKind;
    this.outcome[row] = record.outcome;
    if (record.provisionUs === 0) return;
    for (let phase = 0; phase < PHASES.length; phase++) {
      this.phaseUs[phase][row] = record.phaseUs[phase];
    }
  }

  /** Makes the first rows ready for other records: nearly all phases are 0, and `set` writes the others. */
  clear(rows: number): void {
    for (const phase of this.phaseUs) phase.fill(0, 0, rows);
  }
}
