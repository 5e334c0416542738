import type { Advance, Backend } from "../contract/backend.js";
import { type ArrivalSource, NO_MORE } from "../contract/workload.js";
import type { Engine } from "../engine/engine.js";
import type { JournalWriter } from "./journal/journal-writer.js";

export interface Drive {
  readonly engine: Engine;
  readonly backend: Backend;
  readonly arrivals: ArrivalSource;
  /** The run lasts at least this long, so that what is kept at the end is counted to the end. */
  readonly endUs: number;
  /** The same journal whose operations the engine was given. */
  readonly journal?: JournalWriter | undefined;
  /** Ends the run where it stands, at the next wait; the caller then interrupts the backend. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an engine that has been started on a backend until no arrival will come any more, every invocation has ended and
 * `endUs` has passed. Returns the time of that; undefined if the signal ended it.
 */
export async function drive(run: Drive): Promise<number | undefined> {
  const loop = new Loop(run);
  for (let wait = loop.goOn(); wait !== null; wait = loop.goOn()) {
    const advance = await wait;
    if (run.signal?.aborted) return undefined;
    if (advance !== undefined) loop.handle(advance);
  }
  return Math.max(run.endUs, run.backend.nowUs);
}

/**
 * The only loop: it hands the engine whatever comes next. At one time completions come first, in the
 * backend's order, then arrivals in their source's order, then wakes.
 *
 * Time never goes back, in whatever order clock, arrivals and completions come: a wait may last, so
 * nothing that was known before it is used after it. The source and the engine are asked again, and a
 * wake is handled only if the backend says that its time has come and no completion is older.
 *
 * It is synchronous, so that a simulation's millions of events cost no promise; if a source or a
 * backend makes it wait, it hands the promise out and is entered again.
 */
class Loop {
  readonly #engine: Engine;
  readonly #backend: Backend;
  readonly #arrivals: ArrivalSource;
  readonly #journal: JournalWriter | undefined;
  readonly #endUs: number;
  #dueUs = 0;

  constructor({ engine, backend, arrivals, journal, endUs }: Drive) {
    this.#engine = engine;
    this.#backend = backend;
    this.#arrivals = arrivals;
    this.#journal = journal;
    this.#endUs = endUs;
  }

  /** Goes on until it must wait; null when the run has ended. */
  goOn(): Promise<Advance | undefined> | null {
    const engine = this.#engine;
    const backend = this.#backend;
    for (;;) {
      const arrivalUs = this.#arrivals.nextUs();
      if (typeof arrivalUs !== "number") return arrivalUs;
      let limitUs = arrivalUs;
      if (arrivalUs === NO_MORE && engine.pending === 0) {
        if (backend.nowUs >= this.#endUs) return null;
        limitUs = this.#endUs;
      }
      this.#dueUs = Math.min(limitUs, engine.nextWakeUs());
      const advance = backend.advance(this.#dueUs);
      if (typeof advance !== "string") return advance;
      this.handle(advance);
    }
  }

  handle(advance: Advance): void {
    if (advance === "completion") {
      this.#journal?.completed(this.#backend.completion);
      this.#engine.completed(this.#backend.completion);
    } else if (advance === "due") {
      const dueUs = this.#dueUs;
      const arrivalUs = this.#arrivals.nextUs();
      if (typeof arrivalUs === "number" && arrivalUs <= dueUs) this.#arrive(arrivalUs);
      else {
        this.#journal?.woke(dueUs);
        this.#engine.woke(dueUs);
      }
    }
  }

  #arrive(atUs: number): void {
    const { functionId, runUs } = this.#arrivals.take();
    this.#journal?.arrived(atUs, functionId, runUs);
    this.#engine.arrived(atUs, functionId, runUs);
  }
}
