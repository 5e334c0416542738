import { LongTimes } from "../../basics/long-times.js";
import { type BusyCores, OVERLOAD_US } from "../../contract/overload.js";
import type { Contention } from "../costs/costs.js";
import { type Efficiency, efficiencyAt, efficiencyOf } from "./efficiency.js";
import { FairClock } from "./fair-clock.js";

/**
 * The cores, shared as an operating system shares them. If the demand is above the capacity, each
 * job gets an equal share, and the part of a share that a job does not want goes to the others
 * (max-min fairness; Bertsekas and Gallager 1992, 6.5.2). So imports and installs hardly slow down
 * runs, which mostly wait. The rule is exact between runs and other jobs; within each of the two
 * groups, a job's part is in proportion to its demand.
 *
 * Capacity and demands are in thousandths of a core, work in microseconds on an idle machine. If
 * contention was measured, both rates are multiplied by the efficiency at that load.
 */
export class Cores {
  readonly #capacity: number;
  readonly #efficiency: Efficiency | undefined;
  readonly #runs = new FairClock();
  readonly #others = new FairClock();
  readonly #busy = new LongTimes(OVERLOAD_US);
  #nextUs = Number.POSITIVE_INFINITY;

  constructor(capacity: number, contention?: Contention) {
    this.#capacity = capacity;
    this.#efficiency = contention && efficiencyOf(contention);
  }

  /** When the next job ends, rounded up to a microsecond; Infinity if there is none. */
  get nextUs(): number {
    return this.#nextUs;
  }

  add(job: number, isRun: boolean, work: number, demand: number, nowUs: number): void {
    (isRun ? this.#runs : this.#others).add(job, work, demand, nowUs);
    this.#share(nowUs);
  }

  /**
   * Takes out the job that ends at `nextUs`, which is now; of several, runs last. `demandOf`
   * returns the demand with which a job was added.
   */
  next(demandOf: (job: number) => number): number {
    const nextUs = this.#nextUs;
    const job = (this.#others.nextUs === nextUs ? this.#others : this.#runs).take(demandOf);
    this.#share(nextUs);
    return job;
  }

  /** The times until now, each longer than a minute, in which the demand exceeded the capacity. */
  busy(nowUs: number): BusyCores | null {
    this.#busy.note(false, nowUs);
    return this.#busy.totalUs > 0 ? this.#busy : null;
  }

  #share(nowUs: number): void {
    const runs = this.#runs;
    const others = this.#others;
    const capacity = this.#capacity;
    const demand = runs.demand + others.demand;
    let runRate = 1;
    let otherRate = 1;
    if (demand > capacity !== this.#busy.lasts) this.#busy.note(demand > capacity, nowUs);
    if (demand > capacity) {
      const level = capacity / (runs.size + others.size);
      if (runs.demand <= level * runs.size) otherRate = (capacity - runs.demand) / others.demand;
      else if (others.demand <= level * others.size) {
        runRate = (capacity - others.demand) / runs.demand;
      } else {
        runRate = (level * runs.size) / runs.demand;
        otherRate = (level * others.size) / others.demand;
      }
    }
    const efficiency =
      this.#efficiency === undefined ? 1 : efficiencyAt(this.#efficiency, demand / capacity);
    runs.runAt(runRate * efficiency, nowUs);
    others.runAt(otherRate * efficiency, nowUs);
    this.#nextUs = Math.min(runs.nextUs, others.nextUs);
  }
}
