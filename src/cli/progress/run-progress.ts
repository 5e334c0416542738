import { SingleBar } from "cli-progress";
import { formatUs } from "../../basics/units.js";
import type { Progress } from "../../lab/run/progress.js";
import { everyTenSeconds } from "./every-ten-seconds.js";
import type { Output } from "./output.js";
import { formatTimeLeft } from "./time-left.js";

/** Shows the progress of a run: a bar on a terminal, else a line every ten seconds. */
export function startProgress(output: Output, spanUs: number): Progress {
  if (output.isTTY !== true) {
    const write = everyTenSeconds(output);
    const share = (nowUs: number) => Math.floor((100 * Math.min(nowUs, spanUs)) / spanUs);
    return {
      update: (nowUs) => write(() => `${share(nowUs)} % of ${formatUs(spanUs)}`),
      stop: () => {},
    };
  }
  const bar = new SingleBar({
    // cli-progress uses only what the stream of a terminal has
    stream: output as unknown as NodeJS.WritableStream,
    format: "{bar} {percentage} % of {span} | {eta_formatted} left",
    formatTime: formatTimeLeft,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(spanUs, 0, { span: formatUs(spanUs) });
  return {
    update: (nowUs) => bar.update(Math.min(nowUs, spanUs)),
    stop: () => bar.stop(),
  };
}
