import { cpus } from "node:os";
import type { InferredOptionTypes, Options } from "yargs";
import { MachineError } from "../basics/errors.js";
import { type Calibration, type CalibrationSetup, calibrate } from "../lab/calibrate/calibrate.js";
import { renderCosts, writeCosts } from "../lab/calibrate/costs-text.js";
import { QUIET_CORES } from "../lab/calibrate/other-load.js";
import { poolCosts, requireMeasuredOn } from "../lab/calibrate/pool.js";
import { findCatalogue } from "../lab/run/find-catalogue.js";
import { OutputFile } from "../lab/run/output-file.js";
import { describeMachine, findCommit, SOCKLAB_VERSION } from "../lab/run/provenance.js";
import { readCosts } from "../lab/run/read-costs.js";
import { requireReal } from "../lab/run/require-real.js";
import { endBySignal, stopSignal } from "../lab/run/stop-signal.js";
import { CPU_CLOCK, type Finding } from "../real/doctor/doctor.js";
import { DEFAULT_STATE_FOLDER } from "../real/state/instance.js";
import { COSTS_SCHEMA, type Costs } from "../sim/costs/costs.js";
import { readCatalogue } from "../trace/packages/catalogue.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { ifGiven, readInteger, readText } from "./options/read-option.js";
import { startStages } from "./progress/stages.js";

/** Fewer samples are not enough for an interval. */
const FEWEST_SAMPLES = 10;

const text = { type: "string", requiresArg: true } as const;

const CALIBRATE_OPTIONS = {
  out: {
    ...text,
    alias: "o",
    describe: "File to write (path; default: no file, only the table is printed)",
  },
  samples: {
    ...text,
    default: "100",
    describe:
      "Forked containers to measure from creation to end; other measurements use a share of it (count)",
  },
  python: { ...text, describe: "Python of the functions (path or name)" },
  state: {
    ...text,
    default: DEFAULT_STATE_FOLDER,
    describe: "Folder of everything that runs keep on disk (path)",
  },
  catalogue: {
    ...text,
    describe: "Catalogue whose packages are installed and imported (path; default: socklab's own)",
  },
  costs: { ...text, describe: "File whose assumptions are kept (path; default: socklab's own)" },
  with: { ...text, describe: "An earlier calibration of this machine to pool with (path)" },
} as const satisfies Record<string, Options>;

type CalibrateArguments = InferredOptionTypes<typeof CALIBRATE_OPTIONS>;

/** `socklab calibrate`. */
export function calibrateCommand(io: CliIo): CommandBody<CalibrateArguments> {
  return {
    builder: (yargs) =>
      yargs
        .options(CALIBRATE_OPTIONS)
        .example("$0 calibrate -o costs.json", "measure; then use it: run TRACE --costs costs.json")
        .example(
          "$0 calibrate --with costs.json -o both.json",
          "measure again after the runs, and pool both",
        ),
    handler: (args) => perform(args, io),
  };
}

async function perform(args: CalibrateArguments, io: CliIo): Promise<void> {
  const python = ifGiven(args.python, (given) => readText(given, "--python"));
  const samples = readInteger(args.samples, "--samples", { min: FEWEST_SAMPLES });
  const stateFolder = readText(args.state, "--state");
  const assumed = await readCosts(ifGiven(args.costs, (given) => readText(given, "--costs")));
  const earlier = await ifGiven(args.with, async (given) => {
    const path = readText(given, "--with");
    const costs = await readCosts(path);
    requireMeasuredOn(describeMachine(), costs, path);
    return costs;
  });
  const catalogue = await readCatalogue(
    ifGiven(args.catalogue, (given) => readText(given, "--catalogue")) ?? (await findCatalogue("")),
  );
  const file = ifGiven(args.out, (given) => new OutputFile(readText(given, "--out"), "--out"));
  try {
    refuseCoarseClock(await requireReal(python));
    const { costs, ...found } = await measure(
      { stateFolder, python, samples, assumed, catalogue },
      io,
    );
    warnOfLoad(costs, io);
    const described = describe(costs, found.python);
    const all = earlier === undefined ? described : poolCosts(described, earlier);
    io.out.write(renderCosts(all, io.out.columns));
    file?.write(writeCosts(all));
    file?.complete();
  } finally {
    file?.discard();
  }
}

/** Errors: MachineError if run and import times would be counted in timer ticks. */
export function refuseCoarseClock(findings: readonly Finding[]): void {
  const { found, state, remedy } = findings.find(({ part }) => part === CPU_CLOCK)!;
  if (state === "ok") return;
  throw new MachineError(
    `calibrate cannot measure here: CPU time is counted ${found}; get ${remedy}`,
  );
}

function warnOfLoad({ observed }: Calibration["costs"], io: CliIo): void {
  const { otherLoad } = observed ?? {};
  if (otherLoad === undefined || otherLoad.value <= QUIET_CORES) return;
  io.err.write(
    `other work kept ${otherLoad.value} cores busy: the costs include its effects; calibrate on a quiet machine\n`,
  );
}

/**
 * After a signal, the calibration first releases what it made, then the process ends by that
 * signal.
 */
async function measure(
  setup: Omit<CalibrationSetup, "cores" | "checkStop" | "onStage">,
  io: CliIo,
): Promise<Calibration> {
  const { stopped, forget } = stopSignal();
  let signal: NodeJS.Signals | undefined;
  stopped.then((name) => {
    signal = name;
  });
  const checkStop = () => {
    if (signal !== undefined) throw new MachineError(`stopped by ${signal}`);
  };
  const stages = startStages(io.err, "calibrate");
  try {
    return await calibrate({ ...setup, cores: cpus().length, checkStop, onStage: stages.begin });
  } finally {
    stages.stop();
    forget();
    if (signal !== undefined) endBySignal(signal);
  }
}

function describe(found: Calibration["costs"], python: string): Costs {
  const { cpu, cores, kernel, node } = describeMachine();
  const date = new Date().toISOString();
  return {
    schema: COSTS_SCHEMA,
    machine: `${cpu}, ${cores} cores, ${kernel}, Python ${python}; socklab calibrate, ${date.slice(0, 10)}`,
    measured: {
      cpu,
      cores,
      kernel,
      python,
      node,
      date,
      version: SOCKLAB_VERSION,
      commit: findCommit(),
    },
    ...found,
  };
}
