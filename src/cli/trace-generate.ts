import type { Arguments, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { fileExists } from "../basics/file-exists.js";
import { RandomStreams } from "../basics/random.js";
import {
  isCataloguePath,
  writeGeneratedWheels,
  writeWheelsOf,
} from "../lab/packages/generate-wheels.js";
import { formatCount } from "../results/text-table.js";
import { generateTrace, writeGeneratedCatalogue } from "../trace/generate/generate.js";
import {
  completeGenerateOptions,
  GENERATE_OPTIONS,
  type GenerateOptionName,
  type GenerateOptions,
} from "../trace/generate/generate-options.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { type Given, ifGiven, readInteger, readNumber, readText } from "./options/read-option.js";

const OPTION_NAMES = Object.keys(GENERATE_OPTIONS) as GenerateOptionName[];

interface GenerateArguments {
  readonly path: string | undefined;
  readonly wheels: string | undefined;
  readonly gzip: boolean;
  readonly seed: string;
}

/** `socklab trace generate`. */
export function traceGenerateCommand(io: CliIo): CommandBody<GenerateArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("path", {
          type: "string",
          describe:
            "New folder for a trace, or a new .json or .json.gz file for only a package catalogue; with --wheels also an existing trace or catalogue",
        })
        .options(distributionOptions())
        .option("wheels", {
          type: "string",
          requiresArg: true,
          describe:
            "Also build the packages as real wheels in this new folder: those that the trace's functions need, or the whole catalogue (path)",
        })
        .option("gzip", {
          type: "boolean",
          default: false,
          describe: "Compress the larger files with gzip",
        })
        .option("seed", {
          type: "string",
          requiresArg: true,
          default: "1",
          describe: "Seed of every random draw (integer)",
        })
        .example("$0 trace generate day1 --functions 500 --seed 7", "draw a day of 500 functions")
        .example(
          "$0 trace generate traces/demo --wheels wheels",
          "build wheels for an existing trace",
        )
        .example("$0 trace generate packages.json.gz --packages 1000", "draw only a catalogue"),
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
  const wheels = ifGiven(args.wheels, (value) => readText(value, "--wheels"));
  const { path } = args;
  if (path === undefined) {
    if (wheels === undefined)
      throw new InputError("generate: neither a path nor --wheels is given");
    await writeGeneratedWheels(wheels, options, streams, (line) => io.err.write(line));
    return;
  }
  const isThere = wheels !== undefined && (await fileExists(path));
  if (isThere && given.length > 0) {
    throw new InputError(
      `--${dashed(given[0][0])}: ${path} exists already, so nothing is drawn: leave the option out`,
    );
  }
  if (!isThere) await generateAt(path, options, streams, args.gzip, io);
  if (wheels !== undefined)
    await writeWheelsOf(wheels, path, streams, (line) => io.err.write(line));
}

async function generateAt(
  path: string,
  options: GenerateOptions,
  streams: RandomStreams,
  gzip: boolean,
  io: CliIo,
): Promise<void> {
  if (isCataloguePath(path)) {
    await writeGeneratedCatalogue(path, options, streams);
    io.err.write(`${path}: ${formatCount(options.packages)} packages\n`);
    return;
  }
  const written = await generateTrace(path, options, streams, { gzip });
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
