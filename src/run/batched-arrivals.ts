import {
  type Arrival,
  type ArrivalBatch,
  type ArrivalBatches,
  type ArrivalSource,
  NO_MORE,
  NOT_READY,
} from "../contract/workload.js";

const NOTHING: ArrivalBatch = {
  count: 0,
  atUs: new Float64Array(0),
  functionId: new Int32Array(0),
  runUs: new Float64Array(0),
};

/**
 * A workload's arrivals, one at a time. Batches are read in `ready`, outside of the loop: the compiler
 * would otherwise make a trace's reader a part of the loop.
 */
export class BatchedArrivals implements ArrivalSource {
  readonly #batches: ArrivalBatches;
  readonly #onBatch: (() => Promise<void> | undefined) | undefined;
  readonly #arrival: Arrival = { functionId: 0, runUs: 0 };
  #batch = NOTHING;
  #at = 0;
  #hasEnded = false;

  /** `onBatch` is called after each batch; if it returns a promise, the next batch waits for it. */
  constructor(batches: ArrivalBatches, onBatch?: () => Promise<void> | undefined) {
    this.#batches = batches;
    this.#onBatch = onBatch;
  }

  nextUs(): number {
    const batch = this.#batch;
    if (this.#at < batch.count) return batch.atUs[this.#at];
    return this.#hasEnded ? NO_MORE : NOT_READY;
  }

  take(): Arrival {
    const arrival = this.#arrival;
    const batch = this.#batch;
    arrival.functionId = batch.functionId[this.#at];
    arrival.runUs = batch.runUs[this.#at];
    this.#at++;
    return arrival;
  }

  /** Reads the next batch. */
  async ready(): Promise<undefined> {
    if (this.#at > 0) await this.#onBatch?.();
    const next = this.#batches.next();
    const batch = next instanceof Promise ? await next : next;
    this.#batch = batch ?? NOTHING;
    this.#hasEnded = batch === null;
    this.#at = 0;
    return undefined;
  }
}
