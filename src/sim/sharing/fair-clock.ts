import { TimeHeap } from "../../basics/time-heap.js";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Jobs that all advance at one rate. In the time of a virtual clock that runs at this rate, the end
 * of a job does not move when others join or leave (processor sharing, Kleinrock 1967; the virtual
 * time of Demers, Keshav and Shenker 1989), so a change costs O(log jobs), not O(jobs). After
 * adding or taking a job, the caller sets the new rate with `runAt`.
 */
export class FairClock {
  readonly #ends = new TimeHeap();
  #demand = 0;
  #rate = 0;
  /** Virtual time at `#sinceUs`, in microseconds of work of one job. */
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

  /**
   * Takes out the job that ends now, at `nextUs`. `demandOf` returns the demand it was added with.
   */
  take(demandOf: (job: number) => number): number {
    this.#settle(this.#nextUs);
    const job = this.#ends.pop();
    this.#demand -= demandOf(job);
    this.#hasChanged = true;
    return job;
  }

  /** From now on each job does `rate` microseconds of its work per microsecond. */
  runAt(rate: number, nowUs: number): void {
    if (!this.#hasChanged && (rate === this.#rate || this.#ends.size === 0)) return;
    this.#settle(nowUs);
    this.#hasChanged = false;
    if (this.#ends.size === 0) {
      this.#virtual = 0; // an idle clock is reset, so that rounding errors never add up
      this.#rate = 0;
      this.#nextUs = NEVER;
      return;
    }
    this.#rate = rate;
    const leftUs = (this.#ends.minKey - this.#virtual) / rate;
    // Without this slack, rounding noise would add a whole microsecond.
    this.#nextUs = nowUs + Math.max(0, Math.ceil(leftUs - 1e-6));
  }

  #settle(nowUs: number): void {
    this.#virtual += (nowUs - this.#sinceUs) * this.#rate;
    this.#sinceUs = nowUs;
  }
}
