import { Piscina } from "piscina";
import type { PlannedRun } from "./sweep-plan.js";
import type { RunDone, RunTask } from "./sweep-worker.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What is told of each run as it ends. */
export interface RunEvents {
  done(run: PlannedRun, invocations: number): void;
  /** `why` is one line. */
  failed(run: PlannedRun, why: string): void;
}

/**
 * Performs runs in as many worker threads, in order; what one does to itself stops no other. Ends
 * early, with its threads ended, on SIGINT or SIGTERM, and returns whether it did: a run that was
 * under way then is neither done nor failed.
 */
export async function performRuns(
  runs: readonly PlannedRun[],
  pathOf: (run: PlannedRun) => string,
  threads: number,
  events: RunEvents,
): Promise<{ readonly isInterrupted: boolean }> {
  const pool = new Piscina<RunTask, RunDone>({
    filename: new URL("./sweep-worker.js", import.meta.url).href,
    name: "runOnce",
    minThreads: threads,
    maxThreads: threads,
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

function oneLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replaceAll(/\s*\n\s*/g, " ");
}
