import { TimeHeap } from "../engine/time-heap.js";
import type { Contention } from "./costs.js";
import { type Efficiency, efficiencyAt, efficiencyOf } from "./efficiency.js";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Something that running work shares fairly: the cores, the disk's or the network's bandwidth.
 * All jobs advance at one rate, `min(maxRate, capacity / sum of demands)`, so one virtual clock that
 * runs at that rate orders their ends whatever joins or leaves (processor sharing; Kleinrock 1967,
 * the virtual time of Demers, Keshav and Shenker 1989): a change costs O(log jobs), not O(jobs).
 *
 * Cores: capacity in thousandths of a core, a job's demand likewise, work in microseconds on an idle
 * machine, maxRate 1. Bandwidth: capacity in bytes a microsecond, demand 1, work in bytes, no maxRate.
 * Where contention was measured, the rate is what sharing without loss gives times the efficiency at
 * that load.
 */
export class SharedResource {
  readonly #capacity: number;
  readonly #maxRate: number;
  readonly #efficiency: Efficiency | undefined;
  readonly #ends = new TimeHeap();
  #demand = 0;
  #rate = 0;
  /** Virtual time, in work of one job, at `#sinceUs`. */
  #virtual = 0;
  #sinceUs = 0;
  #nextUs = NEVER;

  constructor(capacity: number, maxRate: number, contention?: Contention) {
    this.#capacity = capacity;
    this.#maxRate = maxRate;
    this.#efficiency = contention && efficiencyOf(contention);
  }

  /** When the next job ends, rounded up to a microsecond; Infinity if there is none. */
  get nextUs(): number {
    return this.#nextUs;
  }

  add(job: number, work: number, demand: number, nowUs: number): void {
    this.#settle(nowUs);
    this.#ends.push(this.#virtual + work, job);
    this.#demand += demand;
    this.#update();
  }

  /** Takes out the job that ends at `nextUs`, which is now. `demandOf` is the demand it was added with. */
  next(demandOf: (job: number) => number): number {
    this.#settle(this.#nextUs);
    const job = this.#ends.pop();
    this.#demand -= demandOf(job);
    this.#update();
    return job;
  }

  #settle(nowUs: number): void {
    this.#virtual += (nowUs - this.#sinceUs) * this.#rate;
    this.#sinceUs = nowUs;
  }

  #update(): void {
    if (this.#ends.size === 0) {
      this.#virtual = 0; // an idle resource starts anew, so that rounding never piles up
      this.#rate = 0;
      this.#nextUs = NEVER;
      return;
    }
    this.#rate = Math.min(this.#maxRate, this.#capacity / this.#demand);
    if (this.#efficiency !== undefined) {
      this.#rate *= efficiencyAt(this.#efficiency, this.#demand / this.#capacity);
    }
    const leftUs = (this.#ends.minKey - this.#virtual) / this.#rate;
    // A millionth of a microsecond of slack keeps rounding noise from costing a whole one.
    this.#nextUs = this.#sinceUs + Math.max(0, Math.ceil(leftUs - 1e-6));
  }
}
