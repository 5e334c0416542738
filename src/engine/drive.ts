import type { Backend } from "./backend.js";
import type { Engine } from "./engine.js";
import type { JournalWriter } from "./journal.js";
import type { ArrivalSource } from "./workload.js";

export interface Drive {
  readonly engine: Engine;
  readonly backend: Backend;
  readonly arrivals: ArrivalSource;
  /** The run lasts at least this long, so that what is kept at the end is counted to the end. */
  readonly endUs: number;
  /** The same journal whose operations the engine was given. */
  readonly journal?: JournalWriter | undefined;
  /** Called once a batch of arrivals with the time reached. */
  readonly onProgress?: ((nowUs: number) => void) | undefined;
}

/**
 * The only loop: the next event, the engine's answer, the backend's next event. At one time
 * completions come first, in the backend's order, then arrivals in the trace's order, then wakes.
 * Returns the time at which the run ended. Waits on promises only where backend or trace gives one.
 */
export async function drive(run: Drive): Promise<number> {
  const { engine, backend, arrivals, journal } = run;
  let pulled = arrivals.next();
  let batch = pulled instanceof Promise ? await pulled : pulled;
  let at = 0;
  engine.start();
  for (;;) {
    while (batch !== null && at === batch.count) {
      run.onProgress?.(backend.nowUs);
      pulled = arrivals.next();
      batch = pulled instanceof Promise ? await pulled : pulled;
      at = 0;
    }
    if (batch === null && engine.pending === 0) break;
    const arrivalUs = batch === null ? Number.POSITIVE_INFINITY : batch.atUs[at]!;
    const dueUs = Math.min(arrivalUs, engine.nextWakeUs());
    const advanced = backend.advance(dueUs);
    if (typeof advanced === "boolean" ? advanced : await advanced) {
      journal?.completed(backend.completion);
      engine.completed(backend.completion);
    } else if (batch !== null && arrivalUs === dueUs) {
      journal?.arrived(arrivalUs, batch.functionId[at]!, batch.runUs[at]!);
      engine.arrived(arrivalUs, batch.functionId[at]!, batch.runUs[at]!);
      at++;
    } else {
      journal?.woke(dueUs);
      engine.woke(dueUs);
    }
  }
  return settle(run);
}

/** Lets the rest of the span pass: windows end, operations under way complete. */
async function settle(run: Drive): Promise<number> {
  const { engine, backend, journal } = run;
  const endUs = Math.max(run.endUs, backend.nowUs);
  while (backend.nowUs < endUs) {
    const dueUs = Math.min(endUs, engine.nextWakeUs());
    const advanced = backend.advance(dueUs);
    if (typeof advanced === "boolean" ? advanced : await advanced) {
      journal?.completed(backend.completion);
      engine.completed(backend.completion);
    } else {
      journal?.woke(dueUs);
      engine.woke(dueUs);
    }
  }
  return endUs;
}
