import { createReadStream } from "node:fs";
import type { CommandModule } from "yargs";
import { InputError } from "../engine/errors.js";
import type { JournalHeader } from "../engine/journal.js";
import type { Observer } from "../engine/observer.js";
import { RandomStreams } from "../engine/random.js";
import type { ReplaySetup } from "../engine/read-header.js";
import { type ReplayResult, replayJournal } from "../engine/replay.js";
import { makePolicies } from "../policies/registry.js";
import { formatCount } from "../results/text-table.js";
import { CHECK_FAILED } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { reloadPolicies } from "./load-policy.js";
import { policyContext } from "./policy-context.js";

/** A replay compares operations; what the engine counts on the way interests nobody. */
const IGNORED: Observer = {
  started: () => {},
  ended: () => {},
  arrived: () => {},
  lookedUp: () => {},
  inserted: () => {},
  left: () => {},
  minuteEnded: () => {},
  warned: () => {},
};

/** `socklab replay`. */
export function replayCommand(
  io: CliIo,
  finish: (exitCode: number) => void,
): CommandModule<object, { readonly journal: string }> {
  return {
    command: "replay <journal>",
    describe: "Feed a journal to the engine again; exit 1 with the first divergence",
    builder: (yargs) =>
      yargs
        .positional("journal", {
          type: "string",
          demandOption: true,
          describe: "Path of what run --journal wrote",
        })
        .example("$0 replay run.journal", "check that the same events lead to the same operations"),
    handler: async ({ journal }) => {
      const makeAgain = async (header: JournalHeader, setup: ReplaySetup) => {
        const resolved = { choices: header.policies, modules: header.modules };
        const { choices, specs } = await reloadPolicies(resolved, journal);
        const context = policyContext(setup.config, setup);
        return makePolicies(choices, specs, context, new RandomStreams(header.seed));
      };
      const result = await replayJournal(linesOf(journal), journal, makeAgain, IGNORED);
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

/** Whole lines of a file: what follows the last line break was cut off in writing. */
async function* linesOf(path: string): AsyncIterable<string> {
  const input = createReadStream(path, "utf8");
  let rest = "";
  try {
    for await (const chunk of input) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    if (reason === undefined) throw error;
    throw new InputError(`${path}: cannot be read (${reason}), expected a journal`);
  } finally {
    input.destroy();
  }
}
