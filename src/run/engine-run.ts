import type { Backend } from "../contract/backend.js";
import type { View } from "../contract/policy.js";
import { Engine } from "../engine/engine.js";
import type { EngineSetup } from "../engine/state.js";
import type { JournalWriter } from "./journal/journal-writer.js";
import { type Drive, drive } from "./loop.js";
import { endOf, type RunEnd } from "./run-end.js";

export interface EngineRunSetup extends Omit<EngineSetup, "operations"> {
  readonly backend: Backend;
  /** Stands between engine and backend, and writes down what passes. */
  readonly journal?: JournalWriter | undefined;
}

/** An engine on a backend. Every run, of a trace, of a worker or of a bench, is one. */
export class EngineRun {
  readonly #setup: EngineRunSetup;
  readonly #engine: Engine;

  constructor(setup: EngineRunSetup) {
    this.#setup = setup;
    this.#engine = new Engine({ ...setup, operations: setup.journal ?? setup.backend });
  }

  /** What the engine holds now. */
  get view(): View {
    return this.#engine.view;
  }

  get digest(): string {
    return this.#engine.digest;
  }

  /** Starts the engine and runs the loop, as `drive` says. */
  drive(events: Pick<Drive, "arrivals" | "endUs" | "signal">): Promise<number | undefined> {
    const { backend, journal } = this.#setup;
    this.#engine.start();
    return drive({ ...events, engine: this.#engine, backend, journal });
  }

  /** What a run that ended at `endUs` leaves for its result. */
  endAt(endUs: number): RunEnd {
    return endOf(this.#engine, endUs);
  }
}
