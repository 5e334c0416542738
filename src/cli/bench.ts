import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InferredOptionTypes, Options } from "yargs";
import { InputError, MachineError } from "../basics/errors.js";
import { makeFolder } from "../basics/make-folder.js";
import type { Bench } from "../lab/bench/bench.js";
import { BENCH_LIST } from "../lab/benches.js";
import { OutputFile } from "../lab/run/output-file.js";
import { describeMachine, findCommit, SOCKLAB_VERSION } from "../lab/run/provenance.js";
import { readCosts } from "../lab/run/read-costs.js";
import { requireReal } from "../lab/run/require-real.js";
import { quoted } from "../lab/run/run-command-line.js";
import { endBySignal, stopSignal } from "../lab/run/stop-signal.js";
import { unmountAll } from "../real/leftovers.js";
import { BENCH_SCHEMA, type BenchResult } from "../results/bench-result.js";
import { benchText, ratiosText } from "../results/bench-text.js";
import { footprintOf } from "../sim/costs/costs.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { ifGiven, readInteger, readText, readTexts } from "./options/read-option.js";
import { startStages } from "./progress/stages.js";

const text = { type: "string", requiresArg: true } as const;
const ALL = "all";

export const BENCH_OPTIONS = {
  out: {
    ...text,
    alias: "o",
    describe: "Write the result (path of a .json file), or one file per bench (path of a folder)",
  },
  json: { type: "boolean", default: false, describe: "Print the result as JSON, and nothing else" },
  samples: { ...text, describe: "Samples of each case (number; default: the bench's own)" },
  only: { ...text, describe: "Contenders or parts to run (names with commas; default: all)" },
  index: {
    ...text,
    describe: "Source of packages (address, or a folder of wheels; default: as pip is configured)",
  },
  python: {
    ...text,
    describe: "Python of the functions (path or name; default: Debian's, else the one on PATH)",
  },
} as const satisfies Record<string, Options>;

type BenchArguments = InferredOptionTypes<typeof BENCH_OPTIONS> & { readonly bench: string };

/** `socklab bench`. */
export function benchCommand(
  io: CliIo,
  benches: readonly Bench[] = BENCH_LIST,
): CommandBody<BenchArguments> {
  const summaries = benches.map(({ name, summary }) => `${name}: ${summary}`).join("; ");
  return {
    builder: (yargs) =>
      yargs
        .positional("bench", {
          type: "string",
          demandOption: true,
          choices: [...benches.map(({ name }) => name), ALL],
          describe: `${summaries}; ${ALL}: each in turn`,
        })
        .options(BENCH_OPTIONS)
        .example(
          "$0 bench containers -o containers.json",
          "compare our containers with Docker, runc and others",
        )
        .example("$0 bench all -o benches", "run every bench, with one table of ratios at the end"),
    handler: (args) => bench(args, io, benches),
  };
}

async function bench(args: BenchArguments, io: CliIo, benches: readonly Bench[]): Promise<void> {
  const chosen = benches.filter(({ name }) => args.bench === ALL || args.bench === name);
  const settings = readSettings(args);
  if (chosen.length > 1 && settings.only.length > 0) {
    throw new InputError(`--only: has no meaning for ${ALL}: name one bench`);
  }
  const files = openFiles(
    ifGiven(args.out, (given) => readText(given, "--out")),
    chosen,
  );
  try {
    await requireReal(settings.python);
    const { results, failures } = await runAll(chosen, settings, files, io);
    files.writeAll(results);
    if (args.json) {
      io.out.write(`${JSON.stringify(chosen.length === 1 ? results[0] : results)}\n`);
    } else if (results.length > 1) {
      io.out.write(
        `\n${ratiosText(
          results.flatMap(({ ratios }) => ratios),
          io.out.columns,
        )}`,
      );
    }
    if (failures.length > 0) throw failures[0];
  } finally {
    files.discard();
  }
}

interface Settings {
  readonly samples: number | undefined;
  readonly only: readonly string[];
  readonly index: string | undefined;
  readonly python: string | undefined;
  readonly isJson: boolean;
}

function readSettings(args: BenchArguments): Settings {
  return {
    samples: ifGiven(args.samples, (given) => readInteger(given, "--samples", { min: 1 })),
    only: readTexts(args.only).flatMap((names) => names.split(",").map((name) => name.trim())),
    index: ifGiven(args.index, (given) => readText(given, "--index")),
    python: ifGiven(args.python, (given) => readText(given, "--python")),
    isJson: args.json,
  };
}

/** Runs the benches in turn. A failure of one does not keep the others from running. */
async function runAll(
  benches: readonly Bench[],
  settings: Settings,
  files: BenchFiles,
  io: CliIo,
): Promise<{ readonly results: readonly BenchResult[]; readonly failures: readonly unknown[] }> {
  const results: BenchResult[] = [];
  const failures: unknown[] = [];
  for (const each of benches) {
    try {
      const result = await runOne(each, settings, io);
      results.push(result);
      files.writeOne(result);
      if (!settings.isJson) io.out.write(`${benchText(result, io.out.columns)}\n`);
    } catch (error) {
      if (error instanceof Stopped || error instanceof InputError) throw error;
      io.err.write(`socklab: ${each.name}: ${(error as Error).message}\n`);
      failures.push(error);
    }
  }
  return { results, failures };
}

/** A signal stopped the bench. */
class Stopped extends MachineError {}

/**
 * Runs one bench in its own temporary folder. After a signal the bench first releases what it made,
 * then the process ends.
 */
async function runOne(bench: Bench, settings: Settings, io: CliIo): Promise<BenchResult> {
  const { stopped, forget } = stopSignal();
  const stop = new AbortController();
  let signal: NodeJS.Signals | undefined;
  void stopped.then((name) => {
    signal = name;
    stop.abort(new Stopped(`stopped by ${name}`));
  });
  const folder = mkdtempSync(join(tmpdir(), "socklab-bench-"));
  chmodSync(folder, 0o755); // containers run as other users
  const footprint = footprintOf(await readCosts(undefined));
  const startedAt = new Date();
  const startedUs = performance.now() * 1000;
  const { samples, only, index, python } = settings;
  const stages = startStages(io.err, bench.name);
  try {
    const outcome = await bench.run({
      samples,
      only,
      index,
      python,
      footprint,
      folder,
      signal: stop.signal,
      onStage: stages.begin,
    });
    stop.signal.throwIfAborted();
    return {
      schema: BENCH_SCHEMA,
      bench: bench.name,
      command: commandLine(bench, settings),
      machine: describeMachine(),
      commit: findCommit(),
      version: SOCKLAB_VERSION,
      startedAt: startedAt.toISOString(),
      wallUs: Math.round(performance.now() * 1000 - startedUs),
      measurements: [...outcome.measurements],
      ratios: [...outcome.ratios],
      warnings: [...outcome.warnings],
    };
  } finally {
    stages.stop();
    await unmountAll(folder);
    rmSync(folder, { recursive: true, force: true });
    forget();
    if (signal !== undefined) endBySignal(signal);
  }
}

function commandLine({ name }: Bench, { samples, only, index, python }: Settings): string {
  const options = [
    ...(samples === undefined ? [] : ["--samples", String(samples)]),
    ...(only.length === 0 ? [] : ["--only", only.join(",")]),
    ...(index === undefined ? [] : ["--index", index]),
    ...(python === undefined ? [] : ["--python", python]),
  ];
  return ["socklab bench", name, ...options.map(quoted)].join(" ");
}

/**
 * Where results are written: nowhere, to one file, or to one file per bench, which appears when
 * that bench has ended.
 */
interface BenchFiles {
  writeOne(result: BenchResult): void;
  writeAll(results: readonly BenchResult[]): void;
  discard(): void;
}

function openFiles(out: string | undefined, benches: readonly Bench[]): BenchFiles {
  const nothing = () => {};
  if (out === undefined) return { writeOne: nothing, writeAll: nothing, discard: nothing };
  if (out.endsWith(".json")) {
    const file = new OutputFile(out, "--out");
    const writeAll = (results: readonly BenchResult[]) => {
      if (results.length === 0) return; // every bench failed
      file.write(`${JSON.stringify(benches.length === 1 ? results[0] : results, null, 2)}\n`);
      file.complete();
    };
    return { writeOne: nothing, writeAll, discard: () => file.discard() };
  }
  makeFolder(out, "--out");
  const writeOne = (result: BenchResult) => {
    const file = new OutputFile(join(out, `${result.bench}.json`), "--out");
    file.write(`${JSON.stringify(result, null, 2)}\n`);
    file.complete();
  };
  return { writeOne, writeAll: nothing, discard: nothing };
}
