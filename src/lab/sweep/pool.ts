import { Piscina } from "piscina";
import type { PlannedRun } from "./plan.js";
import { type RunDone, type RunTask, runOnce } from "./pool-worker.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Calls that report the end of each run. */
export interface RunEvents {
  done(run: PlannedRun, invocations: number): void;
  /** `why` is one line. */
  failed(run: PlannedRun, why: string): void;
}

/** Whether a signal ended the runs. A run that was in progress then is neither done nor failed. */
interface RunsEnd {
  readonly isInterrupted: boolean;
}

type PathOf = (run: PlannedRun) => string;

/**
 * Performs the simulated runs in `threads` threads, then the real runs in this process, one at a
 * time. Two real runs at once would disturb each other's measurements and need the same state
 * folder. A failed run does not stop the others. SIGINT and SIGTERM end the runs early.
 */
export async function performRuns(
  runs: readonly PlannedRun[],
  pathOf: PathOf,
  threads: number,
  events: RunEvents,
): Promise<RunsEnd> {
  const real = runs.filter(({ settings }) => settings.backend === "real");
  const simulated = runs.filter((run) => !real.includes(run));
  if (simulated.length > 0) {
    const end = await performSimulated(simulated, pathOf, threads, events);
    if (end.isInterrupted) return end;
  }
  return performReal(real, pathOf, events);
}

async function performSimulated(
  runs: readonly PlannedRun[],
  pathOf: PathOf,
  threads: number,
  events: RunEvents,
): Promise<RunsEnd> {
  const pool = new Piscina<RunTask, RunDone>({
    filename: new URL("./pool-worker.js", import.meta.url).href,
    name: "runOnce",
    minThreads: Math.min(threads, runs.length),
    maxThreads: Math.min(threads, runs.length),
  });
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
    void pool.destroy();
  };
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    await Promise.all(
      runs.map(async (run) => {
        try {
          const { invocations } = await pool.run({ settings: run.settings, path: pathOf(run) });
          events.done(run, invocations);
        } catch (error) {
          if (!isInterrupted) events.failed(run, oneLine(error));
        }
      }),
    );
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    await pool.destroy();
  }
  return { isInterrupted };
}

async function performReal(
  runs: readonly PlannedRun[],
  pathOf: PathOf,
  events: RunEvents,
): Promise<RunsEnd> {
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
  };
  // not `once`: a real run that was stopped sends the signal to this process a second time
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    for (const run of runs) {
      if (isInterrupted) break;
      try {
        const { invocations } = await runOnce({ settings: run.settings, path: pathOf(run) });
        events.done(run, invocations);
      } catch (error) {
        if (!isInterrupted) events.failed(run, oneLine(error));
      }
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
  return { isInterrupted };
}

function oneLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replaceAll(/\s*\n\s*/g, " ");
}
