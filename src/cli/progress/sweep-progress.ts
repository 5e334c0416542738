import { formatCount } from "../../results/text-table.js";
import { everyTenSeconds } from "./every-ten-seconds.js";
import type { Output } from "./output.js";
import { terminalBar } from "./terminal-bar.js";

/** The progress of a sweep over its runs: a bar on a terminal, else a line every ten seconds. */
export interface SweepProgress {
  ran(invocations: number): void;
  stop(): void;
}

export function startSweepProgress(output: Output, runs: number, done: number): SweepProgress {
  if (output.isTTY !== true) {
    const write = everyTenSeconds(output);
    let ended = done;
    return {
      ran: () => {
        ended++;
        write(() => `${ended} of ${runs} runs`);
      },
      stop: () => {},
    };
  }
  const bar = terminalBar(
    output,
    "{bar} {value} of {total} runs | {rate} invocations/s | {eta_formatted} left",
    { etaBuffer: 20, etaAsynchronousUpdate: true },
  );
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
