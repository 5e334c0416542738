import { OutputFile } from "../run/output-file.js";
import { performRun } from "../run/perform-run.js";
import { WorkloadReader } from "../run/read-workload.js";
import type { RunSettings } from "../run/run-settings.js";

/**
 * Limit on the arrivals that a thread keeps for its next runs: 256 MiB, about 13 million arrivals.
 */
const ARRIVAL_BYTES = 256 * 1024 ** 2;

/** The task of a sweep's thread: one run, and the path of its result. */
export interface RunTask {
  readonly settings: RunSettings;
  readonly path: string;
}

/** What a thread returns. Everything else is in the result file. */
export interface RunDone {
  readonly invocations: number;
}

const reader = new WorkloadReader(ARRIVAL_BYTES);

/**
 * Performs a run and writes its result file. piscina calls this function by its name in each
 * thread.
 */
export async function runOnce({ settings, path }: RunTask): Promise<RunDone> {
  const result = await performRun(settings, { reader });
  const file = new OutputFile(path, "--out");
  try {
    file.write(`${JSON.stringify(result)}\n`);
    file.complete();
  } finally {
    file.discard();
  }
  return { invocations: result.invocations.total };
}
