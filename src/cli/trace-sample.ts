import { InputError } from "../basics/errors.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { TRACE_OPTIONS, TRACE_POSITIONAL } from "./options/trace-options.js";
import { type ConvertArguments, FOLDER_OPTION, writeConverted } from "./trace-convert.js";

/** `socklab trace sample`. */
export function traceSampleCommand(io: CliIo): CommandBody<ConvertArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("trace", TRACE_POSITIONAL)
        .options(TRACE_OPTIONS)
        .option("out", FOLDER_OPTION)
        .example(
          "$0 trace sample azure2019/day1 --functions 50 --from 600 --minutes 60 -o hour",
          "cut one hour of fifty functions",
        ),
    handler: async (args) => {
      if (args.functions === undefined && args.minutes === undefined) {
        throw new InputError(
          "trace sample: nothing is to be cut: give --functions, --minutes or both (trace convert writes the whole trace)",
        );
      }
      await writeConverted(args, io);
    },
  };
}
