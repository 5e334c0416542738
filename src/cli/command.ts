import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import type { CliIo } from "./io.js";

/** Takes a command's exit code if it is not 0. */
export type Finish = (exitCode: number) => void;

/** A command's options and its action: the part that imports the command's own modules. */
export interface CommandBody<T> {
  readonly builder: (yargs: Argv) => Argv<T>;
  readonly handler: (args: ArgumentsCamelCase<T>) => void | Promise<void>;
}

/** One line of a list of commands. Its modules are loaded when the command is chosen. */
export interface CommandEntry {
  /** As yargs reads it: the name, then the positionals. */
  readonly command: string;
  readonly describe: string;
  // biome-ignore lint/suspicious/noExplicitAny: each command has arguments of another type
  readonly load: (io: CliIo, finish: Finish) => Promise<CommandBody<any>>;
}

/** A command whose modules are loaded once, when yargs asks for its options. */
export function whenChosen(entry: CommandEntry, io: CliIo, finish: Finish): CommandModule {
  const { command, describe } = entry;
  let loading: ReturnType<CommandEntry["load"]> | undefined;
  const load = () => {
    loading ??= entry.load(io, finish);
    return loading;
  };
  return {
    command,
    describe,
    builder: async (yargs) => (await load()).builder(yargs),
    handler: async (args) => (await load()).handler(args),
  };
}
