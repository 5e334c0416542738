import type { Backend } from "./backend.js";
import type { Engine } from "./engine.js";
import type { JournalWriter } from "./journal.js";
import type { ArrivalBatch, ArrivalSource } from "./workload.js";

export interface Drive {
  readonly engine: Engine;
  readonly backend: Backend;
  readonly arrivals: ArrivalSource;
  /** The run lasts at least this long, so that what is kept at the end is counted to the end. */
  readonly endUs: number;
  /** The same journal whose operations the engine was given. */
  readonly journal?: JournalWriter | undefined;
  /** Called once a batch of arrivals with the time reached; a promise it returns is waited for. */
  readonly onProgress?: ((nowUs: number) => Promise<void> | undefined) | undefined;
}

/**
 * Runs a workload to its end and returns the time of that: the next event, the engine's answer, the
 * backend's next event. At one time completions come first, in the backend's order, then arrivals
 * in the trace's order, then wakes. Waits on promises only where backend or trace gives one.
 */
export async function drive(run: Drive): Promise<number> {
  const { engine, backend, arrivals } = run;
  const loop = new Loop(run);
  engine.start();
  for (;;) {
    const pulled = arrivals.next();
    const batch = pulled instanceof Promise ? await pulled : pulled;
    if (batch === null) break;
    for (let wait = loop.begin(batch); wait !== null; wait = loop.goOn()) loop.take(await wait);
    const pause = run.onProgress?.(backend.nowUs);
    if (pause !== undefined) await pause;
  }
  for (let wait = loop.finish(run.endUs); wait !== null; wait = loop.goOn()) loop.take(await wait);
  return Math.max(run.endUs, backend.nowUs);
}

/**
 * The only loop. It is synchronous, so that a simulation's millions of events cost no promise; where
 * a backend makes it wait, it hands the promise out and is entered again.
 */
class Loop {
  readonly #engine: Engine;
  readonly #backend: Backend;
  readonly #journal: JournalWriter | undefined;
  #batch: ArrivalBatch | null = null;
  #at = 0;
  #dueUs = 0;
  #endUs = 0;

  constructor({ engine, backend, journal }: Drive) {
    this.#engine = engine;
    this.#backend = backend;
    this.#journal = journal;
  }

  /** Handles all up to and with the batch's last arrival; null when that is done. */
  begin(batch: ArrivalBatch): Promise<boolean> | null {
    this.#batch = batch;
    this.#at = 0;
    return this.goOn();
  }

  /** After the last arrival: until every invocation has ended and `endUs` has come. */
  finish(endUs: number): Promise<boolean> | null {
    this.#batch = null;
    this.#endUs = endUs;
    return this.goOn();
  }

  goOn(): Promise<boolean> | null {
    const engine = this.#engine;
    const backend = this.#backend;
    const batch = this.#batch;
    for (;;) {
      if (batch !== null && this.#at === batch.count) return null;
      if (batch === null && engine.pending === 0 && backend.nowUs >= this.#endUs) return null;
      const limitUs = batch === null ? this.#limitAfterArrivals() : batch.atUs[this.#at]!;
      this.#dueUs = Math.min(limitUs, engine.nextWakeUs());
      const advanced = backend.advance(this.#dueUs);
      if (typeof advanced !== "boolean") return advanced;
      this.take(advanced);
    }
  }

  /** Hands the engine what `advance` came back with: a completion, or the time it was to come to. */
  take(isCompletion: boolean): void {
    const dueUs = this.#dueUs;
    if (isCompletion) {
      this.#journal?.completed(this.#backend.completion);
      this.#engine.completed(this.#backend.completion);
    } else if (this.#batch !== null && this.#batch.atUs[this.#at]! === dueUs) {
      this.#arrive(this.#batch, dueUs);
    } else {
      this.#journal?.woke(dueUs);
      this.#engine.woke(dueUs);
    }
  }

  #arrive(batch: ArrivalBatch, dueUs: number): void {
    const functionId = batch.functionId[this.#at]!;
    const runUs = batch.runUs[this.#at]!;
    this.#at++;
    this.#journal?.arrived(dueUs, functionId, runUs);
    this.#engine.arrived(dueUs, functionId, runUs);
  }

  /** Invocations under way are waited for however long they take; what is kept, to the end. */
  #limitAfterArrivals(): number {
    return this.#engine.pending > 0 ? Number.POSITIVE_INFINITY : this.#endUs;
  }
}
