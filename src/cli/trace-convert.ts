import { RandomStreams } from "../basics/random.js";
import { locateTrace } from "../lab/run/locate-trace.js";
import { traceCut } from "../lab/run/trace-settings.js";
import { formatCount } from "../results/text-table.js";
import { openTrace } from "../trace/formats/formats.js";
import { convertTrace } from "../trace/tools/convert.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { type Given, readText } from "./options/read-option.js";
import {
  readTraceSettings,
  TRACE_OPTIONS,
  TRACE_POSITIONAL,
  type TraceArguments,
} from "./options/trace-options.js";

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
        .example(
          "$0 trace convert azure2019/day1 -o day1",
          "write every arrival of a day, one row per arrival",
        ),
    handler: (args) => writeConverted(args, io),
  };
}

/** Writes the part of a trace that the arguments name, and reports on `io.err` what was written. */
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
