import { unreachable } from "../../basics/errors.js";
import type { RandomStream } from "../../basics/random.js";
import type { ArrivalBatch, ArrivalBatches } from "../../contract/workload.js";
import type { Rows } from "../tables/rows.js";
import type { ArrivalOptions, RunTimeMode, RunTimes } from "../trace.js";
import { ReorderBuffer } from "./reorder-buffer.js";
import type { RowLayout } from "./row-layout.js";

/** How many rows may be between a row and its place in time order. */
export const REORDER_ROWS = 65_536;
const ARRIVALS_A_BATCH = 4_096;

/** The part of a file of invocations that is run, and the settings for it. */
export interface RowPlan {
  readonly layout: RowLayout;
  /** Id in the cut trace by id in the file; -1 if the function is left out. */
  readonly newIds: Int32Array;
  /** By id in the cut trace; undefined if rows carry their run times. */
  readonly runTimes: readonly (RunTimes | undefined)[];
  /** Mean run time in microseconds by id in the cut trace. */
  readonly meansUs: Float64Array;
  /** Start of the first minute kept, and of the first one no longer kept. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly speedup: number;
}

/**
 * Arrivals from a file with one row per invocation, in batches of a fixed size. Rows that are
 * slightly out of order are put in order; a row that comes later than that is an InputError.
 */
export class RowArrivals implements ArrivalBatches {
  readonly #plan: RowPlan;
  readonly #blocks: AsyncIterator<Rows, void, void>;
  readonly #runTimeMode: RunTimeMode;
  readonly #runs: RandomStream;
  readonly #waiting: ReorderBuffer;
  readonly #batch: ArrivalBatch = {
    count: 0,
    atUs: new Float64Array(ARRIVALS_A_BATCH),
    functionId: new Int32Array(ARRIVALS_A_BATCH),
    runUs: new Float64Array(ARRIVALS_A_BATCH),
  };
  #rows: Rows | undefined;
  #ended = false;
  #lastUs = 0;

  constructor(plan: RowPlan, options: ArrivalOptions, reorderRows: number = REORDER_ROWS) {
    this.#plan = plan;
    this.#blocks = plan.layout.read();
    this.#runTimeMode = options.runTimes;
    this.#runs = options.streams.get("run-times");
    this.#waiting = new ReorderBuffer(reorderRows);
  }

  async next(): Promise<ArrivalBatch | null> {
    this.#batch.count = 0;
    while (this.#batch.count < ARRIVALS_A_BATCH) {
      if (this.#ended) {
        if (this.#waiting.size === 0) break;
        this.#emit();
      } else if (!this.#readRows()) {
        const block = await this.#blocks.next();
        this.#ended = block.done === true;
        this.#rows = block.done ? undefined : block.value;
        if (this.#rows !== undefined) this.#plan.layout.bind(this.#rows);
      }
    }
    return this.#batch.count === 0 ? null : this.#batch;
  }

  /** Reads rows until the batch is full; false if the block ended before that. */
  #readRows(): boolean {
    const rows = this.#rows;
    if (rows === undefined) return false;
    const { layout, newIds, fromUs, toUs, speedup } = this.#plan;
    while (this.#batch.count < ARRIVALS_A_BATCH) {
      if (!rows.next()) return false;
      const id = newIds[layout.functionId(rows)];
      const startUs = layout.startUs(rows);
      if (id < 0 || startUs < fromUs || startUs >= toUs) continue;
      const atUs = Math.floor((startUs - fromUs) / speedup);
      if (atUs < this.#lastUs) {
        throw rows.error(
          `starts ${this.#lastUs - atUs} us before a row more than ${this.#waiting.capacity} rows ` +
            "above it: sort the file by start time",
        );
      }
      this.#waiting.push(atUs, id, this.#runUs(rows, id));
      if (this.#waiting.size === this.#waiting.capacity) this.#emit();
    }
    return true;
  }

  #emit(): void {
    const at = this.#batch.count++;
    this.#waiting.take();
    this.#lastUs = this.#waiting.atUs;
    this.#batch.atUs[at] = this.#waiting.atUs;
    this.#batch.functionId[at] = this.#waiting.functionId;
    this.#batch.runUs[at] = this.#waiting.runUs;
  }

  #runUs(rows: Rows, id: number): number {
    const { layout, runTimes, meansUs } = this.#plan;
    switch (this.#runTimeMode) {
      case "trace":
        return layout.hasRunTimes
          ? layout.runUs(rows)
          : runTimes[id]!.quantileUs(this.#runs.next());
      case "mean":
        return Math.round(meansUs[id]);
      case "zero":
        return 0;
      default:
        return unreachable(this.#runTimeMode);
    }
  }
}
