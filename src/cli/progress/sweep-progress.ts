import { SingleBar } from "cli-progress";
import { formatCount } from "../../results/text-table.js";
import type { Output } from "./output.js";

/** A progress bar over the runs of a sweep if the output is a terminal, and nothing otherwise. */
export interface SweepProgress {
  ran(invocations: number): void;
  stop(): void;
}

export function startSweepProgress(output: Output, runs: number, done: number): SweepProgress {
  if (output.isTTY !== true) return { ran: () => {}, stop: () => {} };
  const bar = new SingleBar({
    // cli-progress uses only what the stream of a terminal has
    stream: output as unknown as NodeJS.WritableStream,
    format: "{bar} {value} of {total} runs | {rate} invocations/s | {eta_formatted} left",
    clearOnComplete: true,
    hideCursor: true,
    etaBuffer: 20,
    etaAsynchronousUpdate: true,
  });
  const startedMs = performance.now();
  let total = 0;
  bar.start(runs, done, { rate: "-" });
  return {
    ran: (invocations) => {
      total += invocations;
      const seconds = (performance.now() - startedMs) / 1000;
      bar.increment(1, { rate: formatCount(total / seconds) });
    },
    stop: () => bar.stop(),
  };
}
