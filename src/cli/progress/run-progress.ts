import { formatUs } from "../../basics/units.js";
import type { Progress } from "../../lab/run/progress.js";
import { everyTenSeconds } from "./every-ten-seconds.js";
import type { Output } from "./output.js";
import { terminalBar } from "./terminal-bar.js";

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
  const bar = terminalBar(output, "{bar} {percentage} % of {span} | {eta_formatted} left");
  bar.start(spanUs, 0, { span: formatUs(spanUs) });
  return {
    update: (nowUs) => bar.update(Math.min(nowUs, spanUs)),
    stop: () => bar.stop(),
  };
}
