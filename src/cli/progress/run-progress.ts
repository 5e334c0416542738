import { SingleBar } from "cli-progress";
import { formatUs } from "../../basics/units.js";
import { type Progress, SILENT_PROGRESS } from "../../lab/run/progress.js";
import type { Output } from "./output.js";

/** Shows the progress of a run if the output is a terminal, and nothing otherwise. */
export function startProgress(output: Output, spanUs: number): Progress {
  if (output.isTTY !== true) return SILENT_PROGRESS;
  const bar = new SingleBar({
    // cli-progress uses only what the stream of a terminal has
    stream: output as unknown as NodeJS.WritableStream,
    format: "{bar} {percentage} % of {span} | {eta_formatted} left",
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(spanUs, 0, { span: formatUs(spanUs) });
  return {
    update: (nowUs) => bar.update(Math.min(nowUs, spanUs)),
    stop: () => bar.stop(),
  };
}
