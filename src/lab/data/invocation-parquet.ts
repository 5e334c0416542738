import { PHASES } from "../../contract/backend.js";
import { COMPLETED, OUTCOMES, START_KINDS } from "../../contract/observer.js";
import type { DataColumn } from "../../results/tables/column.js";
import { INVOCATION_COLUMNS } from "../../results/tables/invocation-columns.js";
import { type InvocationBatch, ROWS_PER_BATCH } from "./invocation-batch.js";
import type { InvocationEncoder, LoggedFunction } from "./invocation-encoder.js";
import { ParquetGroups } from "./parquet-group.js";
import { openParquet, type ParquetColumn, type ParquetFile } from "./parquet-table.js";
import { TextDictionary } from "./text-dictionary.js";

/** Writes invocations as Parquet, one row group per batch. A row makes no object. */
export class InvocationParquet implements InvocationEncoder {
  readonly #file: ParquetFile;
  readonly #groups: ParquetGroups;
  readonly #names: TextDictionary;
  readonly #startKinds = new TextDictionary(START_KINDS, ROWS_PER_BATCH);
  readonly #outcomes = new TextDictionary(OUTCOMES, ROWS_PER_BATCH);
  /** Per function. */
  readonly #applications: Float64Array;
  /** Columns that are computed from others. */
  readonly #numbers = new Float64Array(ROWS_PER_BATCH);
  readonly #flags = new Uint8Array(ROWS_PER_BATCH);

  constructor(functions: readonly LoggedFunction[], write: (bytes: Uint8Array) => void) {
    this.#file = openParquet(INVOCATION_COLUMNS.map(parquetColumn), write);
    this.#groups = new ParquetGroups(this.#file.bytes, ROWS_PER_BATCH);
    this.#names = new TextDictionary(
      functions.map(({ name }) => name),
      ROWS_PER_BATCH,
    );
    this.#applications = Float64Array.from(functions, ({ application }) => application);
  }

  write(batch: InvocationBatch, rows: number): void {
    if (rows === 0) return;
    const groups = this.#groups;
    const numbers = this.#numbers;
    const { startKind, outcome, functionId, queueUs, provisionUs, runUs, phaseUs } = batch;
    this.#names.take(functionId, rows);
    this.#startKinds.take(startKind, rows);
    this.#outcomes.take(outcome, rows);
    groups.begin(rows);
    groups.texts("functionName", this.#names);
    for (let row = 0; row < rows; row++) numbers[row] = this.#applications[functionId[row]];
    groups.integers("application", numbers);
    groups.integers("invocationID", batch.number);
    groups.integers("startTime", batch.arrivedAtUs);
    groups.texts("startKind", this.#startKinds, true);
    groups.integers("queueUs", queueUs);
    groups.integers("provisionUs", provisionUs);
    for (let phase = 0; phase < PHASES.length; phase++) {
      groups.integers(`${PHASES[phase]}Us`, phaseUs[phase]);
    }
    groups.integers("actualDuration", runUs);
    for (let row = 0; row < rows; row++) {
      numbers[row] = queueUs[row] + provisionUs[row] + runUs[row];
    }
    groups.integers("responseTime", numbers);
    groups.texts("outcome", this.#outcomes);
    this.#writeTimeouts(batch, rows);
    this.#file.writer.row_groups.push(groups.end());
    this.#file.writer.num_rows += BigInt(rows);
    this.#file.flush();
  }

  finish(): void {
    this.#file.writer.finish();
  }

  #writeTimeouts({ startKind, outcome }: InvocationBatch, rows: number): void {
    const flags = this.#flags;
    for (let row = 0; row < rows; row++) flags[row] = startKind[row] < 0 ? 1 : 0;
    this.#groups.booleans("connectionTimeout", flags);
    for (let row = 0; row < rows; row++) {
      flags[row] = startKind[row] >= 0 && outcome[row] !== COMPLETED ? 1 : 0;
    }
    this.#groups.booleans("functionTimeout", flags);
  }
}

function parquetColumn({ name, type }: DataColumn): ParquetColumn {
  switch (type) {
    case "integer":
      return { name, type: "INT64" };
    case "boolean":
      return { name, type: "BOOLEAN" };
    default:
      // only the kind of start may have no value
      return { name, type: "STRING", nullable: name === "startKind" };
  }
}
