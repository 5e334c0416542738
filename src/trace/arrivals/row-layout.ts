import type { Rows } from "../tables/rows.js";
import type { TraceFunction } from "../trace.js";

/** How to read a file with one row per invocation. Each format of this kind implements it. */
export interface RowLayout {
  readonly path: string;
  /** A new pass over the file. */
  read(): AsyncGenerator<Rows, void, void>;
  /** Finds the columns. It is called once per block, before the methods below read its rows. */
  bind(rows: Rows): void;
  /**
   * The function's id in the current row. A format without a table of functions numbers them by
   * first appearance.
   */
  functionId(rows: Rows): number;
  /** Start of the current row's invocation, integer microseconds from the trace's start. */
  startUs(rows: Rows): number;
  /** Whether rows carry run times; known once a block is bound. */
  readonly hasRunTimes: boolean;
  runUs(rows: Rows): number;
  /** All functions by id; complete after a first pass. */
  functions(): readonly TraceFunction[];
}
