import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { makeFolder } from "../basics/make-folder.js";
import { measureOtherLoad, QUIET_CORES } from "../lab/calibrate/other-load.js";
import { loadPolicy } from "../lab/run/load-policy.js";
import { OutputFile } from "../lab/run/output-file.js";
import { makeFidelity } from "../lab/validate/make-fidelity.js";
import { performValidation, type ValidationPlan } from "../lab/validate/validate-runs.js";
import { type BoundSpec, readBounds } from "../results/fidelity-bounds.js";
import type { Fidelity } from "../results/fidelity-result.js";
import { renderFidelity } from "../results/fidelity-text.js";
import type { CommandBody } from "./command.js";
import { CHECK_FAILED } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { type Given, ifGiven, readInteger, readText, readTexts } from "./options/read-option.js";
import { TRACE_OPTIONS, TRACE_POSITIONAL, type TraceArguments } from "./options/trace-options.js";
import { startProgress } from "./progress/run-progress.js";
import { RUN_OPTIONS, readRunSettings } from "./run.js";

const validation = { type: "string", requiresArg: true, group: "Validation:" } as const;
const { backend: _backend, journal: _journal, ...SHARED_OPTIONS } = RUN_OPTIONS;
const MOST_REPEATS = 100;

export const VALIDATE_OPTIONS = {
  ...SHARED_OPTIONS,
  policy: {
    ...RUN_OPTIONS.policy,
    default: "sock,openlambda,faascache",
    describe: "Presets, or paths of policy files (list: a,b,c)",
  },
  repeats: { ...validation, default: "3", describe: "Real runs of each policy (count)" },
  "sim-repeats": {
    ...validation,
    describe:
      "Simulated runs of each policy, each with newly drawn costs (count; default: as many as real ones)",
  },
  bound: {
    ...validation,
    describe: "Change to a bound: p50=5%, start-kinds=3pp, ranking=1, p99=off; may be repeated",
  },
  runs: {
    ...validation,
    describe:
      "Folder that keeps every run's journal and result; real runs found there are not repeated (path; default: nothing is kept)",
  },
  out: { ...RUN_OPTIONS.out, describe: "Write the comparison (path)" },
  json: { ...RUN_OPTIONS.json, describe: "Print the comparison as JSON, and nothing else" },
} as const satisfies Record<string, Options>;

type ValidateArguments = TraceArguments &
  Omit<InferredOptionTypes<typeof VALIDATE_OPTIONS>, "set" | "json" | "bound"> & {
    readonly trace: string;
    readonly set?: Given | undefined;
    readonly bound?: Given | undefined;
    readonly json: boolean;
  };

/** `socklab validate`. */
export function validateCommand(
  io: CliIo,
  finish: (exitCode: number) => void,
): CommandBody<ValidateArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("trace", TRACE_POSITIONAL)
        .options(VALIDATE_OPTIONS)
        .options(TRACE_OPTIONS)
        .epilogue("Exit code 1: a bound is broken. 3: this machine has no real backend.")
        .example(
          "$0 validate tiny --speedup 20 --memory 1GiB -o fidelity.json",
          "run three policies, three times each on the real backend",
        )
        .example("$0 report fidelity.json -o fidelity.html", "draw the comparison as a page"),
    handler: (args) => validate(args, io, finish),
  };
}

async function validate(
  args: ValidateArguments,
  io: CliIo,
  finish: (exitCode: number) => void,
): Promise<void> {
  const bounds = readBounds(readTexts(args.bound));
  const asked = await readPlan(args);
  const file = ifGiven(args.out, (given) => new OutputFile(readText(given, "--out"), "--out"));
  const folder = runsFolder(args);
  try {
    const fidelity = await compare({ ...asked, ...folder }, bounds, io);
    const json = `${JSON.stringify(fidelity)}\n`;
    file?.write(json);
    file?.complete();
    io.out.write(args.json ? json : renderFidelity(fidelity, io.out.columns));
    if (!fidelity.isWithin) finish(CHECK_FAILED);
  } finally {
    file?.discard();
    folder.release();
  }
}

/** Errors: InputError naming the option. */
async function readPlan(args: ValidateArguments) {
  const policies = readText(args.policy, "--policy").split(",");
  const settings = readRunSettings(args.trace, { ...args, backend: "real", journal: undefined });
  for (const [at, policy] of policies.entries()) {
    if (policies.indexOf(policy) !== at) {
      throw new InputError(`--policy: "${policy}" is given twice, expected each policy once`);
    }
    // an error in it shows before the runs, which take minutes
    await loadPolicy(policy, settings.set);
  }
  const count = (given: Given, option: string) =>
    readInteger(given, option, { min: 1, max: MOST_REPEATS });
  const repeats = count(args.repeats, "--repeats");
  const simRepeats = ifGiven(args["sim-repeats"], (given) => count(given, "--sim-repeats"));
  return { settings, policies, repeats, simRepeats: simRepeats ?? repeats };
}

/**
 * The folder of the journals: the one that was asked for, or a temporary one, which is removed at
 * the end and after a signal.
 */
function runsFolder({ runs }: ValidateArguments) {
  if (runs !== undefined) {
    const folder = readText(runs, "--runs");
    makeFolder(folder, "--runs");
    return { folder, keepsResults: true, release: () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), "socklab-validate-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("SIGINT", remove);
  process.once("SIGTERM", remove);
  const release = () => {
    process.off("SIGINT", remove);
    process.off("SIGTERM", remove);
    remove();
  };
  return { folder, keepsResults: false, release };
}

/** Says that other work keeps cores busy, which lengthens what the real runs measure. */
async function warnOfOtherLoad(io: CliIo): Promise<void> {
  const { value } = (await measureOtherLoad()).observed!["otherLoad"];
  if (value <= QUIET_CORES) return;
  io.err.write(
    `socklab: other work keeps ${value} cores busy: the real runs include its effects; validate on a quiet machine\n`,
  );
}

async function compare(
  plan: ValidationPlan,
  bounds: readonly BoundSpec[],
  io: CliIo,
): Promise<Fidelity> {
  const startedUs = performance.now() * 1000;
  await warnOfOtherLoad(io);
  const all = await performValidation(plan, {
    begins: (name, number, count) => io.err.write(`socklab: run ${number} of ${count}: ${name}\n`),
    startRun: (spanUs) => startProgress(io.err, spanUs),
  });
  const { run } = all[0].real[0].result;
  const { trace, memoryBytes, diskBytes, cores, seed, options } = run;
  const { commit, version, machine, startedAt } = run;
  return makeFidelity(
    {
      ...{ trace, memoryBytes, diskBytes, cores, seed, options },
      ...{ commit, version, machine, startedAt },
      wallUs: Math.round(performance.now() * 1000 - startedUs),
      repeats: plan.repeats,
      simRepeats: plan.simRepeats,
    },
    all,
    bounds,
  );
}
