import { enlarge } from "../../basics/linked-lists.js";

/** Operations in progress in the simulator, as columns indexed by slot. */
export class JobTable {
  /** Index in OPERATIONS, and the operation's container, Zygote or package. */
  operation: Uint8Array = new Uint8Array(0);
  id: Int32Array = new Int32Array(0);
  startedAt: Float64Array = new Float64Array(0);
  /** Thousandths of a core that it wants while it is on the cores. */
  demand: Int32Array = new Int32Array(0);
  /**
   * All of its work; for a run also the part that precedes the handler's own work, and the part of
   * this that a pause has added.
   */
  work: Float64Array = new Float64Array(0);
  workBefore: Float64Array = new Float64Array(0);
  workToResume: Float64Array = new Float64Array(0);
  /** Per slot: the work of a creation's parts. Made on first use, and kept for the next owner. */
  readonly parts: Float64Array[] = [];
  readonly #freeSlots: number[] = [];
  #capacity = 0;

  add(operation: number, id: number, nowUs: number): number {
    if (this.#freeSlots.length === 0) this.#grow();
    const job = this.#freeSlots.pop()!;
    this.operation[job] = operation;
    this.id[job] = id;
    this.startedAt[job] = nowUs;
    return job;
  }

  remove(job: number): void {
    this.#freeSlots.push(job);
  }

  #grow(): void {
    const from = this.#capacity;
    const to = from === 0 ? 256 : from * 2;
    this.#capacity = to;
    this.operation = enlarge(this.operation, to, 0);
    this.id = enlarge(this.id, to, 0);
    this.startedAt = enlarge(this.startedAt, to, 0);
    this.demand = enlarge(this.demand, to, 0);
    this.workBefore = enlarge(this.workBefore, to, 0);
    this.work = enlarge(this.work, to, 0);
    this.workToResume = enlarge(this.workToResume, to, 0);
    for (let job = to - 1; job >= from; job--) this.#freeSlots.push(job);
  }
}
