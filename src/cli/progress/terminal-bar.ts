import { type Options, SingleBar } from "cli-progress";
import type { Output } from "./output.js";
import { formatTimeLeft } from "./time-left.js";

/** A bar on a terminal, which is removed when it stops. */
export function terminalBar(output: Output, format: string, more: Options = {}): SingleBar {
  return new SingleBar({
    // cli-progress uses only what the stream of a terminal has
    stream: output as unknown as NodeJS.WritableStream,
    format,
    formatTime: formatTimeLeft,
    clearOnComplete: true,
    hideCursor: true,
    ...more,
  });
}
