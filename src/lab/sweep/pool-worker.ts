import { OutputFile } from "../run/output-file.js";
import { performRun } from "../run/perform-run.js";
import { WorkloadReader } from "../run/read-workload.js";
import type { RunSettings } from "../run/run-settings.js";

/** Arrivals that a thread keeps for the next runs: 256 MiB hold 13 million. */
const ARRIVAL_BYTES = 256 * 1024 ** 2;

/** What a thread of a sweep is asked for: one run, and where its result goes. */
export interface RunTask {
  readonly settings: RunSettings;
  readonly path: string;
}

/** What it answers: all else is in the file. */
export interface RunDone {
  readonly invocations: number;
}

const reader = new WorkloadReader(ARRIVAL_BYTES);

/** Performs a run and writes its result whole. piscina calls it, by its name, in each thread. */
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
