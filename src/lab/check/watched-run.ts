import { Worker } from "node:worker_threads";
import { InputError, MachineError } from "../../basics/errors.js";
import type { CodePlaces } from "../../policies/own-spec.js";
import type { RunSettings } from "../run/run-settings.js";
import type { CheckedRun, CheckThreadMessage } from "./check-thread.js";
import { stoppedAt } from "./stopped-at.js";

/** The compiled module of the thread. The path is the same from src/lab/check and from dist. */
const THREAD = new URL("../../../dist/lab/check/check-thread.js", import.meta.url);

/** How long a policy may compute without an answer. */
export interface AnswerLimit {
  readonly limitMs: number;
  /** Places in the code of the policy. */
  readonly places: CodePlaces;
}

/**
 * Performs a run in another thread, and ends it if the policy does not answer in time. Absent
 * limit: what runs the policy has a limit. Errors: InputError naming the file and line at which the
 * policy was, or what it did wrong; MachineError.
 */
export async function watchedRun(
  settings: RunSettings,
  limit: AnswerLimit | undefined,
): Promise<CheckedRun> {
  const thread = new Worker(THREAD, { workerData: settings });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<CheckedRun>((resolve, reject) => {
      const look = async ({ limitMs, places }: AnswerLimit) => {
        const stop = await stoppedAt(places);
        if (stop === undefined) return wait();
        const what = stop.method === "" ? "loading" : stop.method;
        reject(
          new InputError(
            `the policy: ${what} has not ended after ${limitMs / 1000} s, at ${stop.place}`,
          ),
        );
      };
      const wait = () => {
        clearTimeout(timer);
        if (limit !== undefined) timer = setTimeout(() => void look(limit), limit.limitMs);
      };
      wait();
      thread.on("message", (message: CheckThreadMessage) => {
        if (message.kind === "goes on") wait();
        else if (message.kind === "ended") resolve(message.run);
        else reject(new (message.isInput ? InputError : MachineError)(message.why));
      });
      thread.on("error", reject);
      thread.on("exit", () => reject(new Error("the thread of the check ended without a result")));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
