import type { ArrivalBatch, ArrivalBatches, Workload } from "../../contract/workload.js";

/** Two 64-bit numbers and one 32-bit number. */
const BYTES_PER_ARRIVAL = 20;

/**
 * Returns a workload that keeps the arrivals of its first full pass for later passes. Returns the
 * workload unchanged unless its arrivals are known to fit into `limitBytes`.
 */
export function keepArrivals(workload: Workload, limitBytes: number): Workload {
  const expected = workload.expectedInvocations ?? Number.POSITIVE_INFINITY;
  if (expected * BYTES_PER_ARRIVAL > limitBytes) return workload;
  let kept: readonly ArrivalBatch[] | undefined;
  const keep = (batches: readonly ArrivalBatch[]) => {
    kept = batches;
  };
  return {
    ...workload,
    arrivals: () =>
      kept === undefined ? new KeepingArrivals(workload.arrivals(), keep) : new KeptArrivals(kept),
  };
}

/** Yields a source's batches, and passes copies of all of them to `keep` at the end. */
class KeepingArrivals implements ArrivalBatches {
  readonly #source: ArrivalBatches;
  readonly #keep: (batches: readonly ArrivalBatch[]) => void;
  readonly #batches: ArrivalBatch[] = [];

  constructor(source: ArrivalBatches, keep: (batches: readonly ArrivalBatch[]) => void) {
    this.#source = source;
    this.#keep = keep;
  }

  next(): ArrivalBatch | null | Promise<ArrivalBatch | null> {
    const batch = this.#source.next();
    return batch instanceof Promise ? batch.then((each) => this.#note(each)) : this.#note(batch);
  }

  #note(batch: ArrivalBatch | null): ArrivalBatch | null {
    if (batch === null) this.#keep(this.#batches);
    else this.#batches.push(copyOf(batch));
    return batch;
  }
}

class KeptArrivals implements ArrivalBatches {
  readonly #batches: Iterator<ArrivalBatch>;

  constructor(batches: readonly ArrivalBatch[]) {
    this.#batches = batches.values();
  }

  next(): ArrivalBatch | null {
    const { value, done } = this.#batches.next();
    return done ? null : value;
  }
}

function copyOf({ count, atUs, functionId, runUs }: ArrivalBatch): ArrivalBatch {
  return {
    count,
    atUs: atUs.slice(0, count),
    functionId: functionId.slice(0, count),
    runUs: runUs.slice(0, count),
  };
}
