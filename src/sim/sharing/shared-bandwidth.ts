import { FairClock } from "./fair-clock.js";

/** The bandwidth of the disk or the network, shared evenly by the transfers in progress. */
export class SharedBandwidth {
  readonly #bytesPerUs: number;
  readonly #transfers = new FairClock();

  constructor(bytesPerUs: number) {
    this.#bytesPerUs = bytesPerUs;
  }

  /** When the next transfer ends; Infinity if there is none. */
  get nextUs(): number {
    return this.#transfers.nextUs;
  }

  add(job: number, bytes: number, nowUs: number): void {
    this.#transfers.add(job, bytes, 1, nowUs);
    this.#share(nowUs);
  }

  /** Takes out the transfer that ends at `nextUs`, which is now. */
  next(): number {
    const { nextUs } = this.#transfers;
    const job = this.#transfers.take(one);
    this.#share(nextUs);
    return job;
  }

  #share(nowUs: number): void {
    this.#transfers.runAt(this.#bytesPerUs / this.#transfers.size, nowUs);
  }
}

function one(): number {
  return 1;
}
