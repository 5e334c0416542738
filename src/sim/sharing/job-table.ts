import { enlarge } from "../../basics/linked-lists.js";

/** Operations under way in the simulator, as columns by slot. */
export class JobTable {
  /** Index in OPERATIONS, and the operation's container, Zygote or package. */
  operation: Uint8Array = new Uint8Array(0);
  id: Int32Array = new Int32Array(0);
  startedAt: Float64Array = new Float64Array(0);
  /** Thousandths of a core it uses while on the cores. */
  demand: Int32Array = new Int32Array(0);
  /** All of its work, and of runs what is not the handler's own. */
  work: Float64Array = new Float64Array(0);
  workBefore: Float64Array = new Float64Array(0);
  /** 1: a run of a paused container. */
  resumes: Uint8Array = new Uint8Array(0);
  /** Work of creations by part, by slot; made on first use, kept for the slot's next owner. */
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
    this.resumes = enlarge(this.resumes, to, 0);
    for (let job = to - 1; job >= from; job--) this.#freeSlots.push(job);
  }
}
