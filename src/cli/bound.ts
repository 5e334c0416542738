import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { BYTES_PER_MIB, parseBytes } from "../basics/units.js";
import { findBound } from "../lab/bound/find-bound.js";
import { OutputFile } from "../lab/run/output-file.js";
import { USUAL_RUN } from "../lab/run/run-settings.js";
import { UNITS } from "../lab/run/serve-unit.js";
import { renderBound } from "../results/bound/bound-text.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { ifGiven, readChoice, readNumber, readText } from "./options/read-option.js";
import {
  readTraceSettings,
  TRACE_OPTIONS,
  TRACE_POSITIONAL,
  type TraceArguments,
} from "./options/trace-options.js";
import { RUN_OPTIONS } from "./run.js";

const SMALLEST_BYTES = 256 * BYTES_PER_MIB;
const DOUBLINGS = 9;

export const BOUND_OPTIONS = {
  memory: {
    type: "string",
    requiresArg: true,
    group: "Machine:",
    describe:
      "Memory sizes (sizes with unit, or unlimited, separated by commas; default: 256 MiB doubled up to 64 GiB, and unlimited)",
  },
  unit: RUN_OPTIONS.unit,
  warmup: RUN_OPTIONS.warmup,
  packages: RUN_OPTIONS.packages,
  costs: RUN_OPTIONS.costs,
  out: { ...RUN_OPTIONS.out, describe: "Write the bounds as JSON, for report (path)" },
  json: {
    type: "boolean",
    default: false,
    group: "Output:",
    describe: "Print the bounds as JSON, and nothing else, on standard output",
  },
} as const satisfies Record<string, Options>;

type BoundArguments = TraceArguments &
  InferredOptionTypes<typeof BOUND_OPTIONS> & { readonly trace: string };

/** `socklab bound`. */
export function boundCommand(io: CliIo): CommandBody<BoundArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("trace", TRACE_POSITIONAL)
        .options(BOUND_OPTIONS)
        .options(TRACE_OPTIONS)
        .example("$0 bound demo", "bound the misses of the trace that ships with socklab")
        .example(
          "$0 bound demo --memory 2GiB,4GiB -o bound.json",
          "write bounds that socklab report draws beside results",
        ),
    handler: (args) => bound(args, io),
  };
}

async function bound(args: BoundArguments, io: CliIo): Promise<void> {
  const memories = readMemories(ifGiven(args.memory, (given) => readText(given, "--memory")));
  const settings = {
    ...USUAL_RUN,
    ...readTraceSettings(args),
    trace: args.trace,
    unit: readChoice(args.unit, "--unit", UNITS),
    warmupMinutes: readNumber(args.warmup, "--warmup", { min: 0 }),
    packages: ifGiven(args.packages, (given) => readText(given, "--packages")),
    costs: ifGiven(args.costs, (given) => readText(given, "--costs")),
  };
  const file = ifGiven(args.out, (given) => new OutputFile(readText(given, "--out"), "--out"));
  try {
    const result = await findBound(settings, memories);
    const json = `${JSON.stringify(result)}\n`;
    file?.write(json);
    file?.complete();
    io.out.write(args.json ? json : renderBound(result));
  } finally {
    file?.discard();
  }
}

/** In rising order, each once. Errors: InputError. */
function readMemories(given: string | undefined): readonly number[] {
  if (given === undefined) {
    const sizes = Array.from({ length: DOUBLINGS }, (_, at) => SMALLEST_BYTES * 2 ** at);
    return [...sizes, Number.POSITIVE_INFINITY];
  }
  const sizes = given.split(",").map((text) => parseBytes(text.trim(), "--memory"));
  if (sizes.includes(0))
    throw new InputError("--memory: a limit of 0 leaves no room for a container, expected more");
  return [...new Set(sizes)].toSorted((a, b) => a - b);
}
