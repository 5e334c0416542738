import { replayFile } from "../lab/run/replay-file.js";
import { formatCount } from "../results/text-table.js";
import type { ReplayResult } from "../run/journal/replay.js";
import type { CommandBody } from "./command.js";
import { CHECK_FAILED } from "./exit-codes.js";
import type { CliIo } from "./io.js";

/** `socklab replay`. */
export function replayCommand(
  io: CliIo,
  finish: (exitCode: number) => void,
): CommandBody<{ readonly journal: string }> {
  return {
    builder: (yargs) =>
      yargs
        .positional("journal", {
          type: "string",
          demandOption: true,
          describe: "Path of a journal, which run --journal and worker --journal write",
        })
        .example("$0 replay run.journal", "check that the same events lead to the same operations"),
    handler: async ({ journal }) => {
      const result = await replayFile(journal);
      io.out.write(describeReplay(journal, result));
      if (result.divergence !== null) finish(CHECK_FAILED);
    },
  };
}

function describeReplay(path: string, { events, operations, divergence }: ReplayResult): string {
  const counts = `${formatCount(events)} events, ${formatCount(operations)} operations`;
  if (divergence === null) return `${path}: ${counts}, no divergence\n`;
  const { line, recorded, replayed } = divergence;
  return [
    `${path}:${line}: diverged after ${counts}`,
    `  recorded -> ${recorded.trim()}`,
    `  replayed -> ${replayed.trim()}\n`,
  ].join("\n");
}
