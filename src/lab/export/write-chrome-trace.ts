import { InputError } from "../../basics/errors.js";
import { replayFile } from "../run/replay-file.js";
import { ChromeTrace } from "./chrome-trace.js";

/**
 * Replays a journal and writes its run as a trace; see `ChromeTrace`. Returns the number of the
 * journal's events. Memory does not grow with it.
 *
 * Errors: InputError naming file and line, as for a replay, also if the replay diverges.
 */
export async function writeChromeTrace(
  journal: string,
  write: (text: string) => void,
): Promise<number> {
  const trace = new ChromeTrace(write);
  const { events, divergence } = await replayFile(journal, { listener: trace });
  if (divergence !== null) {
    throw new InputError(
      `${journal}:${divergence.line}: its replay diverges, so this line cannot be drawn: see socklab replay`,
    );
  }
  trace.end();
  return events;
}
