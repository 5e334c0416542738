import { Worker } from "node:worker_threads";
import { InputError, MachineError } from "../../basics/errors.js";
import type { Result } from "../../results/result.js";
import { OutputFile } from "../run/output-file.js";
import type { Progress } from "../run/progress.js";
import type { RunSettings } from "../run/run-settings.js";
import type { RunThreadMessage } from "./run-thread.js";

/** The compiled module of the thread. The path is the same from src/lab/thread and from dist. */
const THREAD = new URL("../../../dist/lab/thread/run-thread.js", import.meta.url);

/**
 * Performs a simulated run in another thread, as `performRun` does. A user's policy may loop for
 * ever; this thread still receives signals, and can end the process. Errors: InputError,
 * MachineError.
 */
export async function performInThread(
  settings: RunSettings,
  startProgress: (spanUs: number) => Progress,
): Promise<Result> {
  const outputs = [
    [settings.journal, "--journal"],
    [settings.invocations, "--invocations"],
  ] as const;
  const forgets = outputs.map(([path, option]) =>
    path === undefined ? () => {} : OutputFile.discardAlso(path, option),
  );
  const thread = new Worker(THREAD, { workerData: settings });
  let progress: Progress | undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      thread.on("message", (message: RunThreadMessage) => {
        if (message.kind === "begins") progress = startProgress(message.spanUs);
        else if (message.kind === "reached") progress?.update(message.nowUs);
        else if (message.kind === "ended") resolve(message.result);
        else reject(new (message.isInput ? InputError : MachineError)(message.why));
      });
      thread.on("error", reject);
      thread.on("exit", () => reject(new Error("the thread of the run ended without a result")));
    });
  } finally {
    progress?.stop();
    for (const forget of forgets) forget();
    await thread.terminate();
  }
}
