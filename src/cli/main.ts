import yargs from "yargs";
import { InputError } from "../basics/errors.js";
import { SOCKLAB_VERSION } from "../lab/run/provenance.js";
import { endBySignal } from "../lab/run/stop-signal.js";
import { type Finish, whenChosen } from "./command.js";
import { COMMANDS } from "./commands.js";
import { DONE } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { reportError } from "./report-error.js";

const HELP_COLUMNS = 100;

/** Runs this process's command line. A reader that closes the pipe early is not an error. */
export async function start(): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(DONE);
    process.exit(reportError(unwritableOutput(error), { err: process.stderr }));
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // a command that has its own listener ends in order; it listens only to the first signal
      if (process.listenerCount(signal) === 1) endBySignal(signal);
    });
  }
  process.exitCode = await main(process.argv.slice(2), {
    out: process.stdout,
    err: process.stderr,
  });
  // a failed command may have left something that keeps the process alive
  if (process.exitCode !== DONE) process.exit();
}

function unwritableOutput({ message }: Error): InputError {
  return new InputError(`standard output: cannot be written (${message})`);
}

/** Errors: InputError if the folder in which the command was given exists no more. */
function checkCurrentFolder(): void {
  try {
    process.cwd();
  } catch {
    throw new InputError("the current folder was removed: change to one that exists");
  }
}

/** Performs one command line (without `node` and the program's name) and returns its exit code. */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  let exitCode = DONE;
  const finish = (code: number) => {
    exitCode = code;
  };
  let help = "";
  try {
    checkCurrentFolder();
    await parserOf(io, finish).parseAsync([...argv], {}, (_error, _argv, output) => {
      help = output;
    });
  } catch (error) {
    return reportError(usageOf(error), io);
  }
  if (help !== "") io.out.write(`${help}\n`);
  return exitCode;
}

/**
 * The parser of the whole command line. A command calls `finish` with its exit code if that is not
 * 0.
 */
export function parserOf(io: CliIo, finish: Finish) {
  const parser = yargs()
    .scriptName("socklab")
    .locale("en") // the texts of yargs are English too, whatever the locale of the machine is
    .usage("$0 <command>\n\nA laboratory for serverless cache policies.")
    .demandCommand(1, "a command is missing")
    .strict()
    .recommendCommands()
    .updateStrings({ "Did you mean %s?": "no such command (did you mean %s?)" })
    .version(SOCKLAB_VERSION)
    .parserConfiguration({
      "boolean-negation": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
    })
    .exitProcess(false)
    .fail((message, error) => {
      // a message means that the command line is wrong; without one a command itself has failed
      throw message ? badUsage(message) : error;
    })
    .wrap(HELP_COLUMNS);
  for (const entry of COMMANDS) parser.command(whenChosen(entry, io, finish));
  return parser;
}

function badUsage(message: string): InputError {
  // what yargs calls a non-option argument is a trace, a file or a name
  const plain = message.replace(
    /^Not enough non-option arguments: got (\d+), need at least (\d+)$/,
    "$1 of $2 arguments are given; a trace, file or name is missing",
  );
  return new InputError(`${plain}; see socklab --help`);
}

/**
 * For a command that is loaded when it is chosen, yargs throws some errors without calling `fail`.
 */
function usageOf(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.name === "YError" ? badUsage(thrown.message) : thrown;
}
