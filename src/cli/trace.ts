import { type CommandBody, type CommandEntry, type Finish, whenChosen } from "./command.js";
import type { CliIo } from "./io.js";

const TRACE_COMMANDS: readonly CommandEntry[] = [
  {
    command: "info <trace>",
    describe: "Report a trace's span, functions, popularity, inter-arrival times and durations",
    load: async (io) => (await import("./trace-info.js")).traceInfoCommand(io),
  },
  {
    command: "convert <trace>",
    describe: "Write a trace as socklab's own CSV pair",
    load: async (io) => (await import("./trace-convert.js")).traceConvertCommand(io),
  },
  {
    command: "sample <trace>",
    describe: "Cut a trace by functions and minutes, into socklab's own CSV pair",
    load: async (io) => (await import("./trace-sample.js")).traceSampleCommand(io),
  },
  {
    command: "generate [path]",
    describe: "Draw a workload and its packages from published distributions",
    load: async (io) => (await import("./trace-generate.js")).traceGenerateCommand(io),
  },
];

/** `socklab trace ...`: commands that describe, convert and make traces. */
export function traceCommand(io: CliIo, finish: Finish): CommandBody<object> {
  return {
    builder: (yargs) => {
      for (const entry of TRACE_COMMANDS) yargs.command(whenChosen(entry, io, finish));
      return yargs.demandCommand(1, "a command of trace is missing");
    },
    handler: () => {},
  };
}
