import { type Advance, type Backend, COMPLETION, DUE } from "../contract/backend.js";
import { type ArrivalSource, NO_MORE, NOT_READY } from "../contract/workload.js";
import type { Engine } from "../engine/engine.js";
import type { JournalWriter } from "./journal/journal-writer.js";

export interface Drive {
  readonly engine: Engine;
  readonly backend: Backend;
  readonly arrivals: ArrivalSource;
  /** The run lasts at least until then, so that memory kept at the end is counted until the end. */
  readonly endUs: number;
  /** The journal that the engine received as its operations. */
  readonly journal?: JournalWriter | undefined;
  /**
   * Ends the run at the next wait, without draining; the caller must then interrupt the backend.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a started engine on a backend until there are no more arrivals, every invocation has ended
 * and `endUs` has passed. Returns that time; undefined if the signal ended the run.
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
 * The only loop: it hands the next event to the engine. Of the events at one time, completions come
 * first, in the backend's order, then arrivals in their source's order, then wakes.
 *
 * Time never goes back, in whatever order the clock, arrivals and completions come. A wait may be
 * long, so after it the source and the engine are asked again, and a wake is handled only if the
 * backend reports that its time has come and no completion is older.
 *
 * The loop is synchronous, so that a simulation's millions of events need no promises. If a source
 * or a backend makes it wait, it returns the promise and is entered again afterwards.
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

  /** Goes on until it must wait, and returns the promise to wait for; null if the run has ended. */
  goOn(): Promise<Advance | undefined> | null {
    const engine = this.#engine;
    const backend = this.#backend;
    const arrivals = this.#arrivals;
    for (;;) {
      const arrivalUs = arrivals.nextUs();
      if (arrivalUs === NOT_READY) return arrivals.ready!();
      let limitUs = arrivalUs;
      if (arrivalUs === NO_MORE && engine.pending === 0) {
        if (backend.nowUs >= this.#endUs) return null;
        limitUs = this.#endUs;
      }
      const dueUs = Math.min(limitUs, engine.nextWakeUs());
      const advance = backend.advance(dueUs);
      if (typeof advance !== "number") {
        this.#dueUs = dueUs;
        return advance;
      }
      this.#handle(advance, arrivalUs, dueUs);
    }
  }

  /** Handles what a wait came to, after the source has been asked again. */
  handle(advance: Advance): void {
    this.#handle(advance, this.#arrivals.nextUs(), this.#dueUs);
  }

  #handle(advance: Advance, arrivalUs: number, dueUs: number): void {
    if (advance === COMPLETION) {
      this.#journal?.completed(this.#backend.completion);
      this.#engine.completed(this.#backend.completion);
    } else if (advance === DUE) this.#come(arrivalUs, dueUs);
  }

  /** The time is `dueUs`: of the next arrival, or else of a wake. */
  #come(arrivalUs: number, dueUs: number): void {
    if (arrivalUs <= dueUs && arrivalUs !== NOT_READY) this.#arrive(arrivalUs);
    else {
      this.#journal?.woke(dueUs);
      this.#engine.woke(dueUs);
    }
  }

  #arrive(atUs: number): void {
    const { functionId, runUs } = this.#arrivals.take();
    this.#journal?.arrived(atUs, functionId, runUs);
    this.#engine.arrived(atUs, functionId, runUs);
  }
}
