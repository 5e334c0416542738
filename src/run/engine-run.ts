import type { Backend } from "../contract/backend.js";
import type { Overload } from "../contract/overload.js";
import type { View } from "../contract/policy.js";
import { Engine } from "../engine/engine.js";
import type { EngineSetup } from "../engine/state.js";
import type { JournalWriter } from "./journal/journal-writer.js";
import { type Drive, drive } from "./loop.js";
import { endOf, type RunEnd } from "./run-end.js";

export interface EngineRunSetup extends Omit<EngineSetup, "operations"> {
  readonly backend: Backend;
  /** Records the run. Operations pass through it on their way to the backend. */
  readonly journal?: JournalWriter | undefined;
}

/** An engine on a backend. Each run is one, whether it is that of a trace, a worker or a bench. */
export class EngineRun {
  readonly #setup: EngineRunSetup;
  readonly #engine: Engine;

  constructor(setup: EngineRunSetup) {
    this.#setup = setup;
    this.#engine = new Engine({ ...setup, operations: setup.journal ?? setup.backend });
  }

  /** The engine's state now. */
  get view(): View {
    return this.#engine.view;
  }

  get digest(): string {
    return this.#engine.digest;
  }

  /** Starts the engine and runs the loop; see `drive`. */
  drive(events: Pick<Drive, "arrivals" | "endUs" | "signal">): Promise<number | undefined> {
    const { backend, journal } = this.#setup;
    this.#engine.start();
    return drive({ ...events, engine: this.#engine, backend, journal });
  }

  /** The times in which invocations waited without a break for longer than a minute; null: none. */
  overload(): Overload | null {
    return this.#engine.overload();
  }

  /** The figures for the result of a run that ended at `endUs`. */
  endAt(endUs: number): RunEnd {
    return endOf(this.#engine, endUs);
  }
}
