import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { suggestion } from "../basics/nearest.js";
import { checkSets } from "../lab/packages/check-packages.js";
import type { CheckWorkerSetup } from "../lab/packages/check-worker.js";
import { Prober, type ProbeSet, type ProbeVerdict } from "../lab/packages/probe-packages.js";
import { readProbeSets } from "../lab/packages/probe-sets.js";
import { PROBE_TABLE_HEAD, probeRow, reasonsOf, renderProbes } from "../lab/packages/probe-text.js";
import { type CheckedSet, readRequirementSets } from "../lab/packages/requirement-sets.js";
import { causesOf, markdownOf, renderVerdicts } from "../lab/packages/verdicts-text.js";
import { OutputFile } from "../lab/run/output-file.js";
import { requireReal } from "../lab/run/require-real.js";
import { endBySignal, stopSignal } from "../lab/run/stop-signal.js";
import { parseIndex } from "../real/packages/package-tool.js";
import { DEFAULT_OPTIONS } from "../real/real-setup.js";
import { type CommandBody, type CommandEntry, type Finish, whenChosen } from "./command.js";
import { CHECK_FAILED } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { CONTAINER_OPTIONS } from "./options/container-options.js";
import { ifGiven, readBytes, readDurationUs, readText, readTexts } from "./options/read-option.js";

const text = { type: "string", requiresArg: true } as const;
const MS_PER_US = 1 / 1000;

const PROBE_OPTIONS = {
  each: {
    type: "boolean",
    default: false,
    describe: "Probe each line of a file as a set of one package",
  },
  json: { type: "boolean", default: false, describe: "Print one JSON object per set" },
  out: { ...text, alias: "o", describe: "Also write the table in Markdown (path)" },
  state: { ...text, describe: "Folder that keeps installed packages (path; default: none)" },
  index: { ...text, describe: "Package index (address), or folder of wheels (path)" },
  python: { ...text, describe: "Python of the functions (path or name)" },
  timeout: { ...text, default: "60s", describe: "Longest import (duration)" },
} as const satisfies Record<string, Options>;

type ProbeArguments = InferredOptionTypes<typeof PROBE_OPTIONS> & {
  readonly packages: readonly string[];
};

const CHECK_OPTIONS = {
  only: { ...text, describe: "Name of a set to check; may be repeated (default: all)" },
  out: { ...text, alias: "o", describe: "Also write the table in Markdown (path)" },
  state: {
    ...text,
    default: "/var/lib/socklab-check",
    describe: "Folder for installed packages; it must not exist, and is removed (path)",
  },
  index: { ...text, describe: "Package index (address), or folder of wheels (path)" },
  python: { ...text, describe: "Python of the functions (path or name)" },
  timeout: { ...text, default: "120s", describe: "Longest run of a handler (duration)" },
  "container-memory": CONTAINER_OPTIONS["container-memory"],
  scratch: CONTAINER_OPTIONS.scratch,
} as const satisfies Record<string, Options>;

type CheckArguments = InferredOptionTypes<typeof CHECK_OPTIONS> & { sets: string };

const PACKAGE_COMMANDS: readonly CommandEntry[] = [
  {
    command: "probe <packages..>",
    describe: "Report what a Zygote with real packages is like, and what its children lack",
    load: async (io) => packagesProbeCommand(io),
  },
  {
    command: "check <sets>",
    describe: "Compare the answers of real packages in a worker with those of plain Python",
    load: async (io, finish) => packagesCheckCommand(io, finish),
  },
];

/** `socklab packages ...`: commands about the packages of functions. */
export function packagesCommand(io: CliIo, finish: Finish): CommandBody<object> {
  return {
    builder: (yargs) => {
      for (const entry of PACKAGE_COMMANDS) yargs.command(whenChosen(entry, io, finish));
      return yargs.demandCommand(1, "a command of packages is missing");
    },
    handler: () => {},
  };
}

/** `socklab packages probe`. */
function packagesProbeCommand(io: CliIo): CommandBody<ProbeArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("packages", {
          type: "string",
          array: true,
          demandOption: true,
          describe: "Packages (numpy, numpy==2.4.6), or files of requirements (path)",
        })
        .options(PROBE_OPTIONS)
        .example("$0 packages probe requirements.txt", "what a Zygote with these packages is like"),
    handler: (args) => probe(args, io),
  };
}

async function probe(args: ProbeArguments, io: CliIo): Promise<void> {
  const sets = await readProbeSets(args.packages, args.each);
  const python = ifGiven(args.python, (given) => readText(given, "--python"));
  const timeoutMs = readDurationUs(args.timeout, "--timeout") * MS_PER_US;
  const index = ifGiven(args.index, (given) => parseIndex(readText(given, "--index")));
  const file = ifGiven(args.out, (given) => new OutputFile(readText(given, "--out"), "--out"));
  const { stopped, forget } = stopSignal();
  let signal: NodeJS.Signals | undefined;
  void stopped.then((name) => {
    signal = name;
  });
  const own = args.state === undefined ? await mkdtemp(join(tmpdir(), "socklab-probe-")) : "";
  try {
    await requireReal(python);
    const prober = await Prober.open({
      stateFolder: args.state === undefined ? own : resolve(readText(args.state, "--state")),
      python,
      index: index ?? { kind: "default" },
      keepsPackages: args.state !== undefined,
      options: { makeTimeoutMs: timeoutMs, runTimeoutMs: timeoutMs },
    });
    try {
      await probeAll(prober, sets, () => signal !== undefined, args.json, file, io);
    } finally {
      await prober.close();
    }
    file?.complete();
  } finally {
    file?.discard();
    if (own !== "" && existsSync(own)) await rm(own, { recursive: true, force: true });
    forget();
    if (signal !== undefined) endBySignal(signal);
  }
}

async function probeAll(
  prober: Prober,
  sets: readonly ProbeSet[],
  isStopped: () => boolean,
  isJson: boolean,
  file: OutputFile | undefined,
  io: CliIo,
): Promise<void> {
  const verdicts: ProbeVerdict[] = [];
  file?.write(PROBE_TABLE_HEAD);
  for (const [at, set] of sets.entries()) {
    if (isStopped()) return;
    const verdict = await prober.probe(set);
    verdicts.push(verdict);
    file?.write(probeRow(verdict));
    if (sets.length > 1) {
      const what = reasonsOf(verdict).join("; ") || "forked, no difference found";
      io.err.write(`${at + 1} of ${sets.length}: ${set.name}: ${what}\n`);
    }
    if (isJson) io.out.write(`${JSON.stringify(verdict)}\n`);
  }
  if (!isJson) io.out.write(renderProbes(verdicts, io.out.columns));
}

/** `socklab packages check`. */
function packagesCheckCommand(io: CliIo, finish: Finish): CommandBody<CheckArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("sets", {
          type: "string",
          demandOption: true,
          describe: "JSON file: an array of {name, requirements, body} (path)",
        })
        .options(CHECK_OPTIONS)
        .example("$0 packages check sets.json", "exit 1 if an answer differs from plain Python's"),
    handler: (args) => check(args, io, finish),
  };
}

async function check(args: CheckArguments, io: CliIo, finish: Finish): Promise<void> {
  const sets = choose(await readRequirementSets(args.sets), readTexts(args.only));
  const setup = readSetup(args);
  const file = ifGiven(args.out, (given) => new OutputFile(readText(given, "--out"), "--out"));
  const { stopped, forget } = stopSignal();
  let signal: NodeJS.Signals | undefined;
  stopped.then((name) => {
    signal = name;
  });
  try {
    await requireReal(setup.python);
    const verdicts = await checkSets(setup, sets, {
      isStopped: () => signal !== undefined,
      onVerdict: (verdict, at) => {
        const what = [verdict.isSame ? "same" : "DIFFERS", ...causesOf(verdict)].join("; ");
        io.err.write(`${at} of ${sets.length}: ${verdict.name}: ${what}\n`);
      },
    });
    io.out.write(renderVerdicts(verdicts, io.out.columns));
    file?.write(markdownOf(verdicts));
    file?.complete();
    if (!verdicts.every(({ isSame }) => isSame)) finish(CHECK_FAILED);
  } finally {
    file?.discard();
    forget();
    if (signal !== undefined) endBySignal(signal);
  }
}

/** Errors: InputError if there is no set of a name. */
function choose(sets: readonly CheckedSet[], names: readonly string[]): readonly CheckedSet[] {
  if (names.length === 0) return sets;
  const known = sets.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new InputError(`--only ${name}: no such set${suggestion(name, known)}`);
  }
  return sets.filter(({ name }) => names.includes(name));
}

function readSetup(args: CheckArguments): CheckWorkerSetup {
  const memoryBytes = readBytes(args["container-memory"], "--container-memory");
  return {
    folder: resolve(readText(args.state, "--state")),
    python: ifGiven(args.python, (given) => readText(given, "--python")),
    index: ifGiven(args.index, (given) => parseIndex(readText(given, "--index"))) ?? {
      kind: "default",
    },
    options: {
      containerLimits: { ...DEFAULT_OPTIONS.containerLimits, memoryBytes },
      scratchBytes: readBytes(args.scratch, "--scratch"),
      runTimeoutMs: readDurationUs(args.timeout, "--timeout") * MS_PER_US,
    },
  };
}
