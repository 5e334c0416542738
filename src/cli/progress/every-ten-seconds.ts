import type { Output } from "./output.js";

const BETWEEN_LINES_MS = 10_000;

/**
 * Makes a function that writes where long work is, for an output that is no terminal: one line if
 * the last one, or the begin, is at least ten seconds ago. `nowMs` is any clock.
 */
export function everyTenSeconds(
  output: Output,
  nowMs: () => number = () => performance.now(),
): (line: () => string) => void {
  let lastMs = nowMs();
  return (line) => {
    if (nowMs() - lastMs < BETWEEN_LINES_MS) return;
    lastMs = nowMs();
    output.write(`socklab: ${line()}\n`);
  };
}
