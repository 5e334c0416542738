import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { hasPolicyFile } from "../lab/run/load-policy.js";
import { OutputFile } from "../lab/run/output-file.js";
import { performRun } from "../lab/run/perform-run.js";
import { NO_PACKAGES, type RunSettings } from "../lab/run/run-settings.js";
import { UNITS } from "../lab/run/serve-unit.js";
import { performInThread } from "../lab/thread/perform-in-thread.js";
import { DEFAULT_STATE_FOLDER } from "../real/state/instance.js";
import { renderResult } from "../results/result-text.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { CONTAINER_OPTIONS, readContainerSettings } from "./options/container-options.js";
import { CREATION_OPTIONS, readCreations } from "./options/creation-options.js";
import {
  type Given,
  ifGiven,
  readBytes,
  readChoice,
  readDurationUs,
  readFolder,
  readInteger,
  readLimit,
  readNumber,
  readText,
  readTexts,
} from "./options/read-option.js";
import {
  readTraceSettings,
  TRACE_OPTIONS,
  TRACE_POSITIONAL,
  type TraceArguments,
} from "./options/trace-options.js";
import { startProgress } from "./progress/run-progress.js";

const policy = { type: "string", requiresArg: true, group: "Policies:" } as const;
const machine = { type: "string", requiresArg: true, group: "Machine:" } as const;
const workload = { type: "string", requiresArg: true, group: "Workload:" } as const;
const real = { type: "string", requiresArg: true, group: "Real backend:" } as const;
const output = { type: "string", requiresArg: true, group: "Output:" } as const;

export const RUN_OPTIONS = {
  backend: { ...machine, default: "sim", describe: "What performs the operations: sim or real" },
  policy: {
    ...policy,
    default: "sock",
    describe:
      "Preset (socklab policies lists them), or path of a .js, .mjs, .cjs, .ts, .mts or .json file",
  },
  set: {
    ...policy,
    describe: "Change to the preset, as in zygote=forklift:nodes=40; may be repeated",
  },
  unit: {
    ...policy,
    default: "function",
    describe: `What one container serves, and so what is kept and pre-warmed as a whole: ${UNITS.join(" or ")}`,
  },
  memory: { ...machine, default: "8GiB", describe: "Memory limit (size with unit, or unlimited)" },
  disk: {
    ...machine,
    default: "10GiB",
    describe: "Disk limit of the install cache (size with unit, or unlimited)",
  },
  cores: { ...machine, default: "4", describe: "Processor cores (count)" },
  "runs-per-core": {
    ...machine,
    default: "unlimited",
    describe: "Containers that are created or run at once, per core (count, or unlimited)",
  },
  ...CREATION_OPTIONS,
  "queue-limit": {
    ...machine,
    default: "1024",
    describe: "Invocations that may wait; one more is rejected (count, or unlimited)",
  },
  "queue-timeout": {
    ...machine,
    default: "60s",
    describe: "Longest wait for a container (duration with unit, or unlimited)",
  },
  warmup: {
    ...workload,
    default: "0",
    describe: "First minutes that warm the caches and are left out of the figures (minutes)",
  },
  packages: {
    ...workload,
    describe: `Package catalogue (path), or ${NO_PACKAGES}; default: the one in the trace's folder, else the one of socklab`,
  },
  costs: {
    ...workload,
    describe: "Cost model of the simulated machine (path; default: costs.json of socklab)",
  },
  state: {
    ...real,
    default: DEFAULT_STATE_FOLDER,
    describe: "Folder of everything that runs keep on disk (path)",
  },
  index: {
    ...real,
    describe:
      "Package index (address), or folder of wheels (path); default: wheels built from the catalogue",
  },
  python: { ...real, describe: "Python of the functions (path or name)" },
  base: { ...real, describe: "Root file system of containers (path; default: the machine's own)" },
  ...CONTAINER_OPTIONS,
  journal: { ...output, describe: "Write the run's events and operations (path)" },
  invocations: {
    ...output,
    describe: "Write one row per invocation (path that ends in .csv, .csv.gz or .parquet)",
  },
  out: { ...output, alias: "o", describe: "Write the result object (path)" },
  json: {
    type: "boolean",
    default: false,
    group: "Output:",
    describe: "Print the result object, and nothing else, on standard output",
  },
} as const satisfies Record<string, Options>;

/** The options of one run as the command line gives them. */
export type GivenRunOptions = TraceArguments &
  Omit<InferredOptionTypes<typeof RUN_OPTIONS>, "set" | "json"> & {
    readonly set?: Given | undefined;
  };
type RunArguments = GivenRunOptions & { readonly trace: string; readonly json: boolean };

/** `socklab run`. */
export function runCommand(io: CliIo): CommandBody<RunArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("trace", TRACE_POSITIONAL)
        .options(RUN_OPTIONS)
        .options(TRACE_OPTIONS)
        .example("$0 run demo", "run the trace that ships with socklab, with SOCK's policies")
        .example(
          "$0 run demo --policy faascache --memory 2GiB",
          "run another preset with less memory",
        )
        .example("$0 run demo --set keep-alive=fixed:keep=1m", "change the policy of one family")
        .example(
          "$0 run day1 --functions 100 --minutes 60 --json",
          "run one hour of a sample, and print JSON",
        ),
    handler: (args) => run(args, io),
  };
}

async function run(args: RunArguments, io: CliIo): Promise<void> {
  const settings = readRunSettings(args.trace, args);
  const file = ifGiven(args.out, (given) => new OutputFile(readText(given, "--out"), "--out"));
  try {
    const show = (spanUs: number) => startProgress(io.err, spanUs);
    // a policy that loops for ever must not keep signals from this process
    const mayLoop = settings.backend === "sim" && hasPolicyFile(settings.policy, settings.set);
    const result = mayLoop
      ? await performInThread(settings, show)
      : await performRun(settings, { startProgress: show });
    const json = `${JSON.stringify(result)}\n`;
    file?.write(json);
    file?.complete();
    io.out.write(args.json ? json : renderResult(result, io.out.columns));
  } finally {
    file?.discard();
  }
}

/** Errors: InputError naming the option. */
export function readRunSettings(trace: string, args: GivenRunOptions): RunSettings {
  const memoryBytes = readBytes(args.memory, "--memory");
  if (memoryBytes === 0)
    throw new InputError("--memory: a limit of 0 leaves no room for a container, expected more");
  return {
    ...readTraceSettings(args),
    trace,
    backend: readChoice(args.backend, "--backend", ["sim", "real"] as const),
    policy: readText(args.policy, "--policy"),
    set: readTexts(args.set),
    unit: readChoice(args.unit, "--unit", UNITS),
    memoryBytes,
    diskBytes: readBytes(args.disk, "--disk"),
    cores: readInteger(args.cores, "--cores", { min: 1, max: 4096 }),
    runsPerCore: readLimit(args["runs-per-core"], "--runs-per-core", { min: 0.01 }),
    ...readCreations(args),
    queueLimit: readLimit(args["queue-limit"], "--queue-limit", { min: 0 }),
    queueTimeoutUs: readDurationUs(args["queue-timeout"], "--queue-timeout"),
    warmupMinutes: readNumber(args.warmup, "--warmup", { min: 0 }),
    packages: ifGiven(args.packages, (given) => readText(given, "--packages")),
    costs: ifGiven(args.costs, (given) => readText(given, "--costs")),
    index: ifGiven(args.index, (given) => readText(given, "--index")),
    real: {
      state: readText(args.state, "--state"),
      python: ifGiven(args.python, (given) => readText(given, "--python")),
      base: ifGiven(args.base, (given) => readFolder(given, "--base")),
      containers: readContainerSettings(args),
    },
    journal: ifGiven(args.journal, (given) => readText(given, "--journal")),
    invocations: ifGiven(args.invocations, (given) => readText(given, "--invocations")),
  };
}
