import { OutputFile } from "./output-file.js";

/** Resolves with the first request to stop; a second one ends the process at once, as usual. */
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

/** Ends the process as the signal does by its default: files that are not complete are removed first. */
export function endBySignal(signal: NodeJS.Signals): void {
  OutputFile.discardAll();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
