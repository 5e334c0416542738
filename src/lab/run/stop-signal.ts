import { OutputFile } from "./output-file.js";

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
}
