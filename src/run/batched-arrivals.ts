import {
  type Arrival,
  type ArrivalBatch,
  type ArrivalBatches,
  type ArrivalSource,
  NO_MORE,
} from "../contract/workload.js";

/** A workload's arrivals, one at a time. */
export class BatchedArrivals implements ArrivalSource {
  readonly #batches: ArrivalBatches;
  readonly #onBatch: (() => Promise<void> | undefined) | undefined;
  readonly #arrival: Arrival = { functionId: 0, runUs: 0 };
  #batch: ArrivalBatch | null = { count: 0, atUs: NOTHING, functionId: NO_IDS, runUs: NOTHING };
  #at = 0;

  /** `onBatch` is called after each batch; if it returns a promise, the next batch waits for it. */
  constructor(batches: ArrivalBatches, onBatch?: () => Promise<void> | undefined) {
    this.#batches = batches;
    this.#onBatch = onBatch;
  }

  nextUs(): number | Promise<undefined> {
    for (;;) {
      const batch = this.#batch;
      if (batch === null) return NO_MORE;
      if (this.#at < batch.count) return batch.atUs[this.#at];
      const pause = this.#at === 0 ? undefined : this.#onBatch?.();
      if (pause !== undefined) return pause.then(() => this.#read());
      const reading = this.#read();
      if (reading !== undefined) return reading;
    }
  }

  take(): Arrival {
    const arrival = this.#arrival;
    const batch = this.#batch!;
    arrival.functionId = batch.functionId[this.#at];
    arrival.runUs = batch.runUs[this.#at];
    this.#at++;
    return arrival;
  }

  #read(): Promise<undefined> | undefined {
    const next = this.#batches.next();
    if (next instanceof Promise) return next.then((batch) => this.#begin(batch));
    this.#begin(next);
    return undefined;
  }

  #begin(batch: ArrivalBatch | null): undefined {
    this.#batch = batch;
    this.#at = 0;
  }
}

const NOTHING = new Float64Array(0);
const NO_IDS = new Int32Array(0);
