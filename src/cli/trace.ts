import type { CommandModule } from "yargs";
import type { CliIo } from "./io.js";
import { traceConvertCommand } from "./trace-convert.js";
import { traceGenerateCommand } from "./trace-generate.js";
import { traceInfoCommand } from "./trace-info.js";
import { traceSampleCommand } from "./trace-sample.js";

/** `socklab trace ...`: what can be done with a trace beside running it. */
export function traceCommand(io: CliIo): CommandModule {
  return {
    command: "trace <command>",
    describe: "Describe, convert, sample or generate traces",
    builder: (yargs) =>
      yargs
        .command(traceInfoCommand(io))
        .command(traceConvertCommand(io))
        .command(traceSampleCommand(io))
        .command(traceGenerateCommand(io))
        .demandCommand(1, "a command of trace is missing"),
    handler: () => {},
  };
}
