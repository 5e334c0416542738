import type { Stage } from "../../basics/stage.js";
import type { Output } from "./output.js";

const REDRAW_MS = 1000;
const BETWEEN_LINES_MS = 10_000;
const CLEAR_LINE = "\r\x1b[K";

/** The progress of work in counted stages. */
export interface StagesProgress {
  /** A stage begins, and so the one before it has ended. */
  begin(stage: Stage): void;
  stop(): void;
}

/**
 * Shows the stages of long work: `bench: stage 3 of 12: installs`. A timer adds how long a stage
 * has taken: on a terminal in its line, else in a new line every ten seconds. `nowMs` is any clock.
 */
export function startStages(
  output: Output,
  work: string,
  nowMs: () => number = () => performance.now(),
): StagesProgress {
  const isTerminal = output.isTTY === true;
  let line: string | undefined;
  let beganMs = 0;
  const end = () => {
    if (line !== undefined && isTerminal) output.write("\n");
    line = undefined;
  };
  const update = () => {
    if (line === undefined) return;
    const text = `${line}, ${Math.round((nowMs() - beganMs) / 1000)}s`;
    output.write(isTerminal ? `${CLEAR_LINE}${cutTo(text, output.columns)}` : `${text}\n`);
  };
  const timer = setInterval(update, isTerminal ? REDRAW_MS : BETWEEN_LINES_MS);
  timer.unref();
  return {
    begin: ({ at, of, name }) => {
      end();
      line = `${work}: stage ${at} of ${of}: ${name}`;
      beganMs = nowMs();
      output.write(isTerminal ? cutTo(line, output.columns) : `${line}\n`);
    },
    stop: () => {
      clearInterval(timer);
      end();
    },
  };
}

/**
 * A longer line would wrap, and then it cannot be cleared. A terminal that does not know its size
 * says 0.
 */
function cutTo(text: string, columns = Number.POSITIVE_INFINITY): string {
  return columns === 0 ? text : text.slice(0, columns - 1);
}
