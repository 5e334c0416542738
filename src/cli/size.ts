import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { loadPolicy } from "../lab/run/load-policy.js";
import { OutputFile } from "../lab/run/output-file.js";
import { findSize } from "../lab/size/find-size.js";
import { parseGoal } from "../results/size/goal.js";
import { renderSize } from "../results/size/size-text.js";
import type { CommandBody, Finish } from "./command.js";
import { CHECK_FAILED } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import {
  type Given,
  ifGiven,
  readBytes,
  readInteger,
  readNumber,
  readText,
  readTexts,
} from "./options/read-option.js";
import { readShare } from "./options/read-share.js";
import { TRACE_OPTIONS, TRACE_POSITIONAL } from "./options/trace-options.js";
import { type GivenRunOptions, RUN_OPTIONS, readRunSettings } from "./run.js";

const search = { type: "string", requiresArg: true, group: "Search:" } as const;
const {
  backend: _backend,
  memory: _memory,
  journal: _journal,
  invocations: _invocations,
  ...SHARED
} = RUN_OPTIONS;
const { seed: _seed, ...TRACE } = TRACE_OPTIONS;

export const SIZE_OPTIONS = {
  goal: {
    ...search,
    demandOption: true,
    describe: "What each run must meet, as in startup.p99<=50ms or coldRatio<=1%; may be repeated",
  },
  seeds: { ...search, default: "5", describe: "Number of seeds, from 1 on (count)" },
  least: { ...search, default: "128MiB", describe: "Smallest memory to try (size with unit)" },
  most: { ...search, default: "64GiB", describe: "Largest memory to try (size with unit)" },
  step: { ...search, default: "1.05", describe: "Quotient of neighbouring sizes (factor above 1)" },
  "max-lost": {
    ...search,
    default: "1%",
    describe: "Largest share of its invocations that a run may lose (share: 0.01 or 1%)",
  },
} as const satisfies Record<string, Options>;

type SizeArguments = Omit<
  GivenRunOptions,
  "backend" | "memory" | "journal" | "invocations" | "seed"
> &
  Omit<InferredOptionTypes<typeof SIZE_OPTIONS>, "goal"> & {
    readonly goal: Given;
    readonly trace: string;
    readonly json: boolean;
  };

/** `socklab size`. */
export function sizeCommand(io: CliIo, finish: Finish): CommandBody<SizeArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("trace", TRACE_POSITIONAL)
        .options(SIZE_OPTIONS)
        .options(SHARED)
        .options(TRACE)
        .example(
          "$0 size demo --policy faascache --goal 'startup.p99<=50ms'",
          "find the smallest memory with which FaasCache meets a goal",
        ),
    handler: async (args) => {
      if (!(await size(args, io))) finish(CHECK_FAILED);
    },
  };
}

/** False: no size meets the goals. */
async function size(args: SizeArguments, io: CliIo): Promise<boolean> {
  const goals = readTexts(args.goal).map((text) => parseGoal(text, "--goal"));
  const count = readInteger(args.seeds, "--seeds", { min: 1, max: 1000 });
  const fromBytes = readBytes(args.least, "--least");
  const toBytes = readBytes(args.most, "--most");
  if (!(fromBytes > 0 && fromBytes <= toBytes && toBytes !== Number.POSITIVE_INFINITY))
    throw new InputError("--least, --most: expected sizes above 0, the smaller one first");
  const settings = readRunSettings(args.trace, {
    ...args,
    backend: "sim",
    memory: "1GiB",
    journal: undefined,
    invocations: undefined,
    seed: "1",
  });
  const policies = await loadPolicy(settings.policy, settings.set);
  const file = ifGiven(args.out, (given) => new OutputFile(readText(given, "--out"), "--out"));
  try {
    const result = await findSize({
      settings,
      policies,
      goals,
      seeds: Array.from({ length: count }, (_, at) => at + 1),
      fromBytes,
      toBytes,
      step: readNumber(args.step, "--step", { min: 1.001, max: 16 }),
      maxLost: readShare(args["max-lost"], "--max-lost"),
    });
    const json = `${JSON.stringify(result)}\n`;
    file?.write(json);
    file?.complete();
    io.out.write(args.json ? json : renderSize(result, goals));
    return result.memoryBytes !== null;
  } finally {
    file?.discard();
  }
}
