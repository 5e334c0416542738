import { RandomStreams } from "../engine/random.js";
import { formatCount } from "../results/text-table.js";
import { convertTrace } from "../trace/convert.js";
import { openTrace } from "../trace/formats.js";
import type { CommandBody } from "./commands.js";
import type { CliIo } from "./io.js";
import { locateTrace } from "./locate-trace.js";
import { type Given, readText } from "./read-option.js";
import {
  readTraceSettings,
  TRACE_OPTIONS,
  TRACE_POSITIONAL,
  type TraceArguments,
  traceCut,
} from "./trace-options.js";

export const FOLDER_OPTION = {
  alias: "o",
  type: "string",
  requiresArg: true,
  demandOption: true,
  describe: "New folder for functions.csv and invocations.csv (path)",
} as const;

export type ConvertArguments = TraceArguments & { readonly trace: string; readonly out: Given };

/** `socklab trace convert`. */
export function traceConvertCommand(io: CliIo): CommandBody<ConvertArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("trace", TRACE_POSITIONAL)
        .options(TRACE_OPTIONS)
        .option("out", FOLDER_OPTION)
        .example("$0 trace convert azure2019/day1 -o day1", "every arrival of a day, a row each"),
    handler: (args) => writeConverted(args, io),
  };
}

/** Writes what the arguments name, and says on `io.err` what was written. */
export async function writeConverted(args: ConvertArguments, io: CliIo): Promise<void> {
  const settings = readTraceSettings(args);
  const { placement, runTimes, seed } = settings;
  const trace = await openTrace(locateTrace(args.trace), traceCut(settings));
  const folder = readText(args.out, "--out");
  const written = await convertTrace(trace, folder, {
    streams: new RandomStreams(seed),
    placement,
    runTimes,
  });
  const counts = `${formatCount(written.functions)} functions, ${formatCount(written.invocations)} invocations`;
  io.err.write(`${written.folder}: ${counts}\n`);
}
