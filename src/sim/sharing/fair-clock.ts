import { TimeHeap } from "../../basics/time-heap.js";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Jobs that all advance at one rate. One virtual clock that runs at that rate orders their ends
 * whatever joins or leaves (processor sharing; Kleinrock 1967, the virtual time of Demers, Keshav and
 * Shenker 1989): a change costs O(log jobs), not O(jobs). Whoever adds or takes a job then says, with
 * `runAt`, at which rate they go on.
 */
export class FairClock {
  readonly #ends = new TimeHeap();
  #demand = 0;
  #rate = 0;
  /** Virtual time, in work of one job, at `#sinceUs`. */
  #virtual = 0;
  #sinceUs = 0;
  #nextUs = NEVER;
  #hasChanged = false;

  get size(): number {
    return this.#ends.size;
  }

  /** Sum of the jobs' demands. */
  get demand(): number {
    return this.#demand;
  }

  /** When the next job ends, rounded up to a microsecond; Infinity if there is none. */
  get nextUs(): number {
    return this.#nextUs;
  }

  add(job: number, work: number, demand: number, nowUs: number): void {
    this.#settle(nowUs);
    this.#ends.push(this.#virtual + work, job);
    this.#demand += demand;
    this.#hasChanged = true;
  }

  /** Takes out the job that ends at `nextUs`, which is now. `demandOf` is the demand it was added with. */
  take(demandOf: (job: number) => number): number {
    this.#settle(this.#nextUs);
    const job = this.#ends.pop();
    this.#demand -= demandOf(job);
    this.#hasChanged = true;
    return job;
  }

  /** From now on each job does so much of its work in a microsecond. */
  runAt(rate: number, nowUs: number): void {
    if (!this.#hasChanged && (rate === this.#rate || this.#ends.size === 0)) return;
    this.#settle(nowUs);
    this.#hasChanged = false;
    if (this.#ends.size === 0) {
      this.#virtual = 0; // an idle clock starts anew, so that rounding never piles up
      this.#rate = 0;
      this.#nextUs = NEVER;
      return;
    }
    this.#rate = rate;
    const leftUs = (this.#ends.minKey - this.#virtual) / rate;
    // A millionth of a microsecond of slack keeps rounding noise from costing a whole one.
    this.#nextUs = nowUs + Math.max(0, Math.ceil(leftUs - 1e-6));
  }

  #settle(nowUs: number): void {
    this.#virtual += (nowUs - this.#sinceUs) * this.#rate;
    this.#sinceUs = nowUs;
  }
}
