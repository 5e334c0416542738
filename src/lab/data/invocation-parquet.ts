import { PHASES } from "../../contract/backend.js";
import { COMPLETED, OUTCOMES, START_KINDS } from "../../contract/observer.js";
import type { DataColumn } from "../../results/tables/column.js";
import { INVOCATION_COLUMNS } from "../../results/tables/invocation-columns.js";
import { type InvocationBatch, ROWS_PER_BATCH } from "./invocation-batch.js";
import type { InvocationEncoder, LoggedFunction } from "./invocation-encoder.js";
import { type ParquetColumn, ParquetTable } from "./parquet-table.js";

/** Writes invocations as Parquet, one row group per batch. */
export class InvocationParquet implements InvocationEncoder {
  readonly #functions: readonly LoggedFunction[];
  readonly #table: ParquetTable;
  readonly #columns = INVOCATION_COLUMNS.map(() => new WholeNumbers(ROWS_PER_BATCH));

  constructor(functions: readonly LoggedFunction[], write: (bytes: Uint8Array) => void) {
    this.#functions = functions;
    this.#table = new ParquetTable(INVOCATION_COLUMNS.map(parquetColumn), write);
  }

  write(batch: InvocationBatch, rows: number): void {
    const { startKind, outcome, functionId, queueUs, provisionUs, runUs, phaseUs } = batch;
    const functions = this.#functions;
    let used = 0;
    const whole = (of: (row: number) => number) => this.#columns[used++].fill(rows, of);
    this.#table.writeGroup([
      listOf(rows, (row) => functions[functionId[row]].name),
      whole((row) => functions[functionId[row]].application),
      whole((row) => batch.number[row]),
      whole((row) => batch.arrivedAtUs[row]),
      listOf(rows, (row) => START_KINDS[startKind[row]] ?? null),
      whole((row) => queueUs[row]),
      whole((row) => provisionUs[row]),
      ...PHASES.map((_, phase) => whole((row) => phaseUs[row * PHASES.length + phase])),
      whole((row) => runUs[row]),
      whole((row) => queueUs[row] + provisionUs[row] + runUs[row]),
      listOf(rows, (row) => OUTCOMES[outcome[row]]),
      listOf(rows, (row) => startKind[row] < 0),
      listOf(rows, (row) => startKind[row] >= 0 && outcome[row] !== COMPLETED),
    ]);
  }

  finish(): void {
    this.#table.finish();
  }
}

function parquetColumn({ name, type }: DataColumn): ParquetColumn {
  switch (type) {
    case "integer":
      return { name, type: "INT64", encoding: "DELTA_BINARY_PACKED", statistics: false };
    case "boolean":
      return { name, type: "BOOLEAN", statistics: false };
    default:
      // only the kind of start may have no value
      return {
        name,
        type: "STRING",
        encoding: "RLE_DICTIONARY",
        nullable: name === "startKind",
        statistics: false,
      };
  }
}

/** A loop: `Array.from` with a function takes several times as long. */
function listOf<T>(rows: number, of: (row: number) => T): T[] {
  const list: T[] = [];
  for (let row = 0; row < rows; row++) list.push(of(row));
  return list;
}

const TWO_31 = 2 ** 31;
const TWO_32 = 2 ** 32;

/**
 * A column of 64-bit integers, filled from doubles without making a bigint per value. If all values
 * of a group are small, the encoder gets them as 32-bit integers, with which it is much faster; the
 * column's type in the file is the same.
 */
class WholeNumbers {
  readonly #small: Int32Array;
  readonly #values: BigInt64Array;
  /** The memory of `#values` as pairs of halves, the low one first. */
  readonly #halves: Int32Array;

  constructor(rows: number) {
    this.#small = new Int32Array(rows);
    this.#values = new BigInt64Array(rows);
    this.#halves = new Int32Array(this.#values.buffer);
  }

  /** The first `rows` values; each is at least 0. They are valid until the next call. */
  fill(rows: number, of: (row: number) => number): Int32Array | BigInt64Array {
    const small = this.#small;
    for (let row = 0; row < rows; row++) {
      const value = of(row);
      if (value >= TWO_31) return this.#fillLarge(rows, of);
      small[row] = value;
    }
    return small.subarray(0, rows);
  }

  #fillLarge(rows: number, of: (row: number) => number): BigInt64Array {
    const halves = this.#halves;
    for (let row = 0; row < rows; row++) {
      const value = of(row);
      const high = Math.floor(value / TWO_32);
      halves[2 * row] = value - high * TWO_32;
      halves[2 * row + 1] = high;
    }
    return this.#values.subarray(0, rows);
  }
}
