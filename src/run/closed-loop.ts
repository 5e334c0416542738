import {
  COMPLETED,
  type InvocationRecord,
  type Observer,
  OUTCOMES,
  SILENT_OBSERVER,
  START_KINDS,
  type StartKind,
} from "../contract/observer.js";
import {
  type Arrival,
  type ArrivalSource,
  AT_ANY_TIME,
  type FunctionId,
  NO_MORE,
} from "../contract/workload.js";
import type { RealBackend } from "../real/real-backend.js";
import { EngineRun, type EngineRunSetup } from "./engine-run.js";

/** One invocation that ended. */
export interface Answered {
  /** Time of its end since the loop began. */
  readonly endedUs: number;
  /** Time from its arrival to its end. */
  readonly responseUs: number;
  readonly start: StartKind | undefined;
  /** The outcome if it is not `completed`, else undefined. */
  readonly failure: string | undefined;
}

export interface LoopSetup {
  readonly backend: RealBackend;
  /** The set-up of the engine, without the backend and the observer. */
  readonly engine: Omit<EngineRunSetup, "backend" | "observer">;
  /** Number of clients. Each invokes again as soon as it is answered. */
  readonly clients: number;
  /** The function that a client invokes next. */
  next(): FunctionId;
  /**
   * True: clients go on. `elapsedUs` is the time since the loop began, `answers` all answers so
   * far.
   */
  goesOn(elapsedUs: number, answers: number): boolean;
  readonly signal: AbortSignal;
}

/** Runs clients that each have one invocation in progress at all times, until `goesOn` is false. */
export async function runClosedLoop(setup: LoopSetup): Promise<readonly Answered[]> {
  const { backend, signal } = setup;
  const clients = new Clients(setup);
  const run = new EngineRun({ ...setup.engine, backend, observer: clients.observer });
  await run.drive({ arrivals: clients, endUs: 0 });
  signal.throwIfAborted();
  return clients.answers;
}

/** Arrivals that follow answers: a client invokes at the instant at which it is answered. */
class Clients implements ArrivalSource {
  readonly answers: Answered[] = [];
  readonly observer: Observer = {
    ...SILENT_OBSERVER,
    ended: (atUs, record) => this.#ended(atUs, record),
  };
  readonly #setup: LoopSetup;
  readonly #startUs: number;
  /** For each client without an invocation in progress: since when; the longest idle first. */
  readonly #idleSinceUs: number[];
  readonly #arrival: Arrival = { functionId: 0, runUs: 0 };

  constructor(setup: LoopSetup) {
    this.#setup = setup;
    this.#startUs = setup.backend.nowUs;
    this.#idleSinceUs = new Array(setup.clients).fill(this.#startUs);
  }

  nextUs(): number {
    const dueUs = this.#idleSinceUs[0];
    if (dueUs === undefined) return AT_ANY_TIME;
    const { signal, goesOn } = this.#setup;
    const asks = !signal.aborted && goesOn(dueUs - this.#startUs, this.answers.length);
    return asks ? dueUs : NO_MORE;
  }

  take(): Arrival {
    this.#idleSinceUs.shift();
    this.#arrival.functionId = this.#setup.next();
    return this.#arrival;
  }

  #ended(atUs: number, record: InvocationRecord): void {
    const { outcome, startKind, queueUs, provisionUs, runUs } = record;
    this.answers.push({
      endedUs: atUs - this.#startUs,
      responseUs: queueUs + provisionUs + runUs,
      start: START_KINDS[startKind],
      failure: outcome === COMPLETED ? undefined : OUTCOMES[outcome],
    });
    this.#idleSinceUs.push(atUs);
  }
}
