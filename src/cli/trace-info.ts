import { RandomStreams } from "../basics/random.js";
import { locateTrace } from "../lab/run/locate-trace.js";
import { traceCut } from "../lab/run/trace-settings.js";
import { openTrace } from "../trace/formats/formats.js";
import { describeTrace, formatTraceInfo } from "../trace/tools/info.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import {
  readTraceSettings,
  TRACE_OPTIONS,
  TRACE_POSITIONAL,
  type TraceArguments,
} from "./options/trace-options.js";

type Arguments = TraceArguments & { readonly trace: string; readonly json: boolean };

/** `socklab trace info`. */
export function traceInfoCommand(io: CliIo): CommandBody<Arguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("trace", TRACE_POSITIONAL)
        .options(TRACE_OPTIONS)
        .option("json", { type: "boolean", default: false, describe: "Print JSON" })
        .example("$0 trace info demo", "describe the trace that ships with socklab"),
    handler: async (args) => {
      const settings = readTraceSettings(args);
      const trace = await openTrace(locateTrace(args.trace), traceCut(settings));
      const { placement, runTimes, seed } = settings;
      const info = await describeTrace(trace, {
        streams: new RandomStreams(seed),
        placement,
        runTimes,
      });
      io.out.write(args.json ? `${JSON.stringify(info)}\n` : formatTraceInfo(info));
    },
  };
}
