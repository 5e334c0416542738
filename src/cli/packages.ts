import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { InferredOptionTypes, Options } from "yargs";
import { Prober, type ProbeSet, type ProbeVerdict } from "../lab/packages/probe-packages.js";
import { readProbeSets } from "../lab/packages/probe-sets.js";
import { PROBE_TABLE_HEAD, probeRow, reasonsOf, renderProbes } from "../lab/packages/probe-text.js";
import { OutputFile } from "../lab/run/output-file.js";
import { requireReal } from "../lab/run/require-real.js";
import { endBySignal, stopSignal } from "../lab/run/stop-signal.js";
import { parseIndex } from "../real/packages/package-tool.js";
import { type CommandBody, type CommandEntry, type Finish, whenChosen } from "./command.js";
import type { CliIo } from "./io.js";
import { ifGiven, readDurationUs, readText } from "./options/read-option.js";

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

const PACKAGE_COMMANDS: readonly CommandEntry[] = [
  {
    command: "probe <packages..>",
    describe: "Report what a Zygote with real packages is like, and what its children lack",
    load: async (io) => packagesProbeCommand(io),
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
