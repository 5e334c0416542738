import { constants } from "node:os";
import { OutputFile } from "./output-file.js";

/** Time for the default action of a signal to end this process. */
const DEFAULT_ACTION_MS = 200;
/** As shells number the end by a signal. */
const SIGNAL_EXIT_BASE = 128;

/**
 * Resolves with the first signal that asks to stop. A second signal ends the process at once, as
 * usual.
 */
export function stopSignal(): { readonly stopped: Promise<NodeJS.Signals>; forget(): void } {
  let forget = () => {};
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      forget();
      resolve(signal);
    };
    forget = () => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
  return { stopped, forget: () => forget() };
}

/** Removes unfinished files, then ends the process by the default action of the signal. */
export function endBySignal(signal: NodeJS.Signals): void {
  OutputFile.discardAll();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Process 1 of a PID namespace survives the default action.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DEFAULT_ACTION_MS);
  process.exit(SIGNAL_EXIT_BASE + constants.signals[signal]);
}
