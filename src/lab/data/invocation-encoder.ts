import type { InvocationBatch } from "./invocation-batch.js";

/** What the rows of an invocation say about its function. */
export interface LoggedFunction {
  readonly name: string;
  readonly application: number;
}

/** Writes invocations in one format. */
export interface InvocationEncoder {
  /** Writes the first rows of a batch. */
  write(batch: InvocationBatch, rows: number): void;
  /** Writes what comes after the last row. */
  finish(): void;
}

/** Formats by the end of a file's name. */
export const INVOCATION_FORMATS = [".csv", ".csv.gz", ".parquet"] as const;
export type InvocationFormat = (typeof INVOCATION_FORMATS)[number];
