import type { FunctionId } from "../../contract/workload.js";

const MOST = 15;

/** Recent arrivals of each function: counters up to 15, which are all halved from time to time. */
export class UseCounts {
  readonly #counts: Uint8Array;
  readonly #arrivalsPerEntry: number;
  #arrivals = 0;

  constructor(functions: number, arrivalsPerEntry: number) {
    this.#counts = new Uint8Array(functions);
    this.#arrivalsPerEntry = arrivalsPerEntry;
  }

  of(functionId: FunctionId): number {
    return this.#counts[functionId];
  }

  /** Counts an arrival. After `arrivalsPerEntry` arrivals per entry, it halves all counts. */
  count(functionId: FunctionId, entries: number): void {
    if (this.#counts[functionId] < MOST) this.#counts[functionId]++;
    if (++this.#arrivals < this.#arrivalsPerEntry * Math.max(entries, 1)) return;
    for (let id = 0; id < this.#counts.length; id++) this.#counts[id] >>= 1;
    this.#arrivals >>= 1;
  }
}
