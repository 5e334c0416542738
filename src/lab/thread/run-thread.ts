import { parentPort, workerData } from "node:worker_threads";
import { InputError, MachineError } from "../../basics/errors.js";
import type { Result } from "../../results/result.js";
import { performRun } from "../run/perform-run.js";
import type { RunSettings } from "../run/run-settings.js";

/** What the thread reports. */
export type RunThreadMessage =
  | { readonly kind: "begins"; readonly spanUs: number }
  | { readonly kind: "reached"; readonly nowUs: number }
  | { readonly kind: "ended"; readonly result: Result }
  | { readonly kind: "failed"; readonly isInput: boolean; readonly why: string };

/** Time between two reports of how far the run is. */
const REPORT_MS = 100;

const send = (message: RunThreadMessage) => parentPort!.postMessage(message);

async function main(): Promise<void> {
  let reportedMs = 0;
  const startProgress = (spanUs: number) => {
    send({ kind: "begins", spanUs });
    return {
      update: (nowUs: number) => {
        if (performance.now() - reportedMs < REPORT_MS) return;
        reportedMs = performance.now();
        send({ kind: "reached", nowUs });
      },
      stop: () => {},
    };
  };
  try {
    const result = await performRun(workerData as RunSettings, { startProgress });
    send({ kind: "ended", result });
  } catch (error) {
    if (!(error instanceof InputError || error instanceof MachineError)) throw error;
    send({ kind: "failed", isInput: error instanceof InputError, why: error.message });
  }
}

await main();
