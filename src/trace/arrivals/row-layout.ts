import type { Rows } from "../tables/rows.js";
import type { TraceFunction } from "../trace.js";

/** What a file with one row an invocation says: the part each such format fills in. */
export interface RowLayout {
  readonly path: string;
  /** A fresh pass over the file. */
  read(): AsyncGenerator<Rows, void, void>;
  /** Finds the columns; called once for each block, before its rows are asked about. */
  bind(rows: Rows): void;
  /** Of the current row: the function's id in the file, new ids being given out in rising order. */
  functionId(rows: Rows): number;
  /** Start of the current row's invocation, integer microseconds from the trace's start. */
  startUs(rows: Rows): number;
  /** Whether rows carry run times; known once a block is bound. */
  readonly hasRunTimes: boolean;
  runUs(rows: Rows): number;
  /** All functions by id; complete after a first pass. */
  functions(): readonly TraceFunction[];
}
