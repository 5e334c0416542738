import type { Arguments, CommandModule, Options } from "yargs";
import { RandomStreams } from "../engine/random.js";
import { formatCount } from "../results/text-table.js";
import { generateTrace, writeGeneratedCatalogue } from "../trace/generate.js";
import {
  completeGenerateOptions,
  GENERATE_OPTIONS,
  type GenerateOptionName,
} from "../trace/generate-options.js";
import type { CliIo } from "./io.js";
import { type Given, readInteger, readNumber } from "./read-option.js";

const OPTION_NAMES = Object.keys(GENERATE_OPTIONS) as GenerateOptionName[];

interface GenerateArguments {
  readonly path: string;
  readonly gzip: boolean;
  readonly seed: string;
}

/** `socklab trace generate`. */
export function traceGenerateCommand(io: CliIo): CommandModule<object, GenerateArguments> {
  return {
    command: "generate <path>",
    describe: "Draw a workload and its packages from published distributions",
    builder: (yargs) =>
      yargs
        .positional("path", {
          type: "string",
          demandOption: true,
          describe: "New folder, or a new .json or .json.gz file for a package catalogue alone",
        })
        .options(distributionOptions())
        .option("gzip", { type: "boolean", default: false, describe: "Pack the larger files" })
        .option("seed", {
          type: "string",
          requiresArg: true,
          default: "1",
          describe: "Seed of every random draw (integer)",
        })
        .example("$0 trace generate day1 --functions 500 --seed 7", "a day of 500 functions")
        .example("$0 trace generate packages.json.gz --packages 1000", "a catalogue alone"),
    handler: (args) => generate(args, io),
  };
}

async function generate(args: Arguments<GenerateArguments>, io: CliIo): Promise<void> {
  const given = OPTION_NAMES.flatMap((name) => {
    const value = args[name];
    if (value === undefined) return [];
    const { min, max } = GENERATE_OPTIONS[name];
    return [[name, readNumber(value as Given, `--${dashed(name)}`, { min, max })] as const];
  });
  const options = completeGenerateOptions(Object.fromEntries(given));
  const streams = new RandomStreams(readInteger(args.seed, "--seed", { min: 0 }));
  if (/\.json(\.gz)?$/.test(args.path)) {
    await writeGeneratedCatalogue(args.path, options, streams);
    io.err.write(`${args.path}: ${formatCount(options.packages)} packages\n`);
    return;
  }
  const written = await generateTrace(args.path, options, streams, { gzip: args.gzip });
  const counts = `${formatCount(written.functions)} functions, ${formatCount(written.invocations)} invocations`;
  io.err.write(`${written.folder}: ${counts}\n`);
}

function distributionOptions(): { readonly [K in GenerateOptionName]?: Options } {
  return Object.fromEntries(
    OPTION_NAMES.map((name) => {
      const { description, unit, default: usual } = GENERATE_OPTIONS[name];
      const describe = `${description} (${unit}; default: ${usual})`;
      return [dashed(name), { type: "string", requiresArg: true, describe }];
    }),
  );
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
