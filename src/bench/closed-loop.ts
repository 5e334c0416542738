import type { Engine } from "../engine/engine.js";
import {
  COMPLETED,
  type InvocationRecord,
  type Observer,
  OUTCOMES,
  SILENT_OBSERVER,
  START_KINDS,
  type StartKind,
} from "../engine/observer.js";
import type { FunctionId } from "../engine/workload.js";
import type { RealBackend } from "../real/real-backend.js";

/** One invocation that ended. */
export interface Answered {
  /** Since the loop began. */
  readonly endedUs: number;
  /** Arrival to end. */
  readonly responseUs: number;
  readonly start: StartKind | undefined;
  /** undefined: it completed. */
  readonly failure: string | undefined;
}

export interface LoopSetup {
  readonly backend: RealBackend;
  /** Makes the engine on the backend, with this observer. */
  makeEngine(observer: Observer): Engine;
  /** Each asks again as soon as it is answered. */
  readonly clients: number;
  /** Which function a client asks for next. */
  next(): FunctionId;
  /** Whether clients go on asking; told the time since the loop began and all answers so far. */
  goesOn(elapsedUs: number, answers: number): boolean;
  readonly signal: AbortSignal;
}

/** A wait at most, so that the end is not slept over. */
const LONGEST_WAIT_US = 100_000;

/** Some clients, each with one invocation under way at all times, until `goesOn` says no. */
export async function runClosedLoop(setup: LoopSetup): Promise<readonly Answered[]> {
  const { backend, clients, signal } = setup;
  const answers: Answered[] = [];
  const startUs = backend.nowUs;
  let idle = clients;
  const engine = setup.makeEngine({
    ...SILENT_OBSERVER,
    ended: (atUs, record) => {
      answers.push(answered(atUs - startUs, record));
      idle++;
    },
  });
  engine.start();
  for (;;) {
    const nowUs = backend.nowUs;
    const asks = idle > 0 && !signal.aborted && setup.goesOn(nowUs - startUs, answers.length);
    if (!asks && engine.pending === 0) break;
    const wakeUs = engine.nextWakeUs();
    const dueUs = asks ? nowUs : Math.min(wakeUs, nowUs + LONGEST_WAIT_US);
    // what has ended before an arrival is told before it
    if (await backend.advance(dueUs)) {
      engine.completed(backend.completion);
    } else if (asks) {
      idle--;
      engine.arrived(dueUs, setup.next(), 0);
    } else if (wakeUs === dueUs) {
      engine.woke(dueUs);
    }
  }
  signal.throwIfAborted();
  return answers;
}

function answered(endedUs: number, record: InvocationRecord): Answered {
  const { outcome, startKind, queueUs, provisionUs, runUs } = record;
  return {
    endedUs,
    responseUs: queueUs + provisionUs + runUs,
    start: START_KINDS[startKind],
    failure: outcome === COMPLETED ? undefined : OUTCOMES[outcome],
  };
}
