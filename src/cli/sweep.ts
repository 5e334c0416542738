import { availableParallelism } from "node:os";
import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { describeMachine, findCommit, SOCKLAB_VERSION } from "../lab/run/provenance.js";
import { labelOf, type PlannedRun, planRuns } from "../lab/sweep/plan.js";
import { performRuns } from "../lab/sweep/pool.js";
import { SweepFolder } from "../lab/sweep/sweep-folder.js";
import { groupConfigurations } from "../results/configurations.js";
import type { ResultHead } from "../results/metrics.js";
import { INTERVAL_METHODS } from "../results/statistics.js";
import { STUDY_SCHEMA } from "../results/study-result.js";
import { renderStudy } from "../results/study-text.js";
import { textTable } from "../results/text-table.js";
import type { CommandBody } from "./command.js";
import { CHECK_FAILED, INTERRUPTED } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { ifGiven, readChoice, readInteger, readText } from "./options/read-option.js";
import { readShare } from "./options/read-share.js";
import { TRACE_POSITIONAL } from "./options/trace-options.js";
import { startSweepProgress } from "./progress/sweep-progress.js";
import { AXIS_OPTIONS, expandGrid, type GivenAxes, type Grid, readGrid } from "./sweep-grid.js";
import { readStudyFile } from "./sweep-study-file.js";

const sweep = { type: "string", requiresArg: true, group: "Sweep:" } as const;

export const SWEEP_OPTIONS = {
  study: {
    ...sweep,
    describe: "YAML or JSON file with trace and options (path); options of the command line win",
  },
  jobs: {
    ...sweep,
    describe:
      "Simulated runs at once; real runs go one by one (count; default: the processors of this machine)",
  },
  out: { ...sweep, alias: "o", default: "results", describe: "Folder of the result files (path)" },
  interval: {
    ...sweep,
    default: "t",
    describe: `Method of the intervals of means over seeds: ${INTERVAL_METHODS.join(" or ")}`,
  },
  "max-lost": {
    ...sweep,
    default: "1%",
    describe:
      "Compare only configurations that lost at most this share of their invocations (share: 0.01 or 1%)",
  },
  "dry-run": {
    type: "boolean",
    default: false,
    group: "Sweep:",
    describe: "List the runs and which of them are done; perform no run",
  },
} as const satisfies Record<string, Options>;

type SweepArguments = InferredOptionTypes<typeof SWEEP_OPTIONS> & {
  readonly trace?: string | undefined;
};

/** A sweep as the command line asks for it, and its state. */
interface Study {
  readonly trace: string;
  readonly grid: Grid;
  readonly runs: readonly PlannedRun[];
  readonly folder: SweepFolder;
  /** Results that are there, by hash. */
  readonly done: Map<string, ResultHead>;
  /** Why a run failed, by hash. */
  readonly failed: Map<string, string>;
}

/** `socklab sweep`. */
export function sweepCommand(
  io: CliIo,
  finish: (exitCode: number) => void,
): CommandBody<SweepArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("trace", { ...TRACE_POSITIONAL, demandOption: false })
        .options(SWEEP_OPTIONS)
        .options(AXIS_OPTIONS as Record<never, Options>)
        .epilogue(
          "Every option of run takes a list (a,b), a range (1..5, 1GiB..64GiB:x2, 10..50:+10) or both.",
        )
        .example(
          "$0 sweep demo --policy openwhisk,sock --memory 1GiB..4GiB:x2 --seed 1..5",
          "30 runs: 2 policies, 3 memory sizes, 5 seeds",
        )
        .example(
          "$0 sweep demo --set zygote=none,forklift:nodes=10..40:x2 --seed 1..3",
          "vary a parameter of a policy",
        )
        .example(
          "$0 sweep --study study.yaml --dry-run",
          "list the runs that a study file asks for",
        ),
    handler: async (args) => finish(await runSweep(args, io)),
  };
}

async function runSweep(args: SweepArguments, io: CliIo): Promise<number> {
  const threads = ifGiven(args.jobs, (given) =>
    readInteger(given, "--jobs", { min: 1, max: 1024 }),
  );
  const method = readChoice(args.interval, "--interval", INTERVAL_METHODS);
  const maxLost = readShare(args["max-lost"], "--max-lost");
  const study = await readStudy(args);
  checkDone(study, io);
  if (args["dry-run"]) {
    io.out.write(listRuns(study));
    return 0;
  }
  study.folder.prepare();
  writeStudy(study);
  const isInterrupted = await performMissing(study, threads ?? availableParallelism(), io);
  if (isInterrupted) countWritten(study);
  writeStudy(study);
  if (isInterrupted) {
    io.err.write(
      `socklab: interrupted: ${study.done.size} of ${study.runs.length} runs are done and kept in ${study.folder.path}; repeat the same command to do the rest\n`,
    );
    return INTERRUPTED;
  }
  const view = { method, maxLost, width: io.out.columns };
  io.out.write(renderStudy(groupConfigurations(resultsOf(study)), view));
  io.out.write(`${study.done.size} results: ${study.folder.path}\n`);
  return study.failed.size === 0 ? 0 : CHECK_FAILED;
}

async function readStudy(args: SweepArguments): Promise<Study> {
  const file =
    args.study === undefined ? undefined : await readStudyFile(readText(args.study, "--study"));
  const written = args as unknown as GivenAxes;
  const given = Object.keys(AXIS_OPTIONS).filter((name) => written[name] !== undefined);
  const trace = args.trace ?? file?.trace;
  if (trace === undefined) {
    throw new InputError(
      "sweep: no trace is given, expected sweep <trace>, or trace in --study FILE",
    );
  }
  const grid = readGrid({
    ...file?.axes,
    ...Object.fromEntries(given.map((name) => [name, written[name]])),
  });
  const runs = await planRuns(expandGrid(grid, trace));
  const folder = new SweepFolder(readText(args.out, "--out"));
  return { trace, grid, runs, folder, done: new Map(), failed: new Map() };
}

/** A thread may have written a result just before it was ended, and so never reported it. */
function countWritten({ runs, done, folder }: Study): void {
  for (const run of runs) {
    if (done.has(run.hash)) continue;
    const file = folder.read(run);
    if (file.state === "done") done.set(run.hash, file.result);
  }
}

/**
 * Marks the runs whose result files are complete as done, and reports files that cannot be used.
 */
function checkDone(study: Study, io: CliIo): void {
  for (const run of study.runs) {
    const file = study.folder.read(run);
    if (file.state === "done") study.done.set(run.hash, file.result);
    if (file.state !== "unusable") continue;
    io.err.write(`socklab: ${study.folder.pathOf(run)}: ${file.why}: its run is done again\n`);
  }
}

async function performMissing(study: Study, threads: number, io: CliIo): Promise<boolean> {
  const { folder, runs, done, failed } = study;
  const missing = runs.filter(({ hash }) => !done.has(hash));
  if (missing.length === 0) return false;
  const progress = startSweepProgress(io.err, runs.length, done.size);
  const fail = (run: PlannedRun, why: string) => {
    failed.set(run.hash, why);
    writeStudy(study);
    io.err.write(`socklab: run ${labelOf(run)} failed: ${why}\n`);
  };
  try {
    const end = await performRuns(missing, (run) => folder.pathOf(run), threads, {
      done: (run, invocations) => {
        const file = folder.read(run);
        if (file.state === "done") done.set(run.hash, file.result);
        else fail(run, file.state === "missing" ? "its result file is gone" : file.why);
        progress.ran(invocations);
      },
      failed: (run, why) => {
        fail(run, why);
        progress.ran(0);
      },
    });
    return end.isInterrupted;
  } finally {
    progress.stop();
  }
}

function writeStudy({ trace, grid, runs, folder, done, failed }: Study): void {
  folder.writeStudy({
    schema: STUDY_SCHEMA,
    trace,
    grid: Object.fromEntries(grid),
    version: SOCKLAB_VERSION,
    commit: findCommit(),
    machine: describeMachine(),
    runs: runs.map((run) => ({
      hash: run.hash,
      ...run.varying,
      state: done.has(run.hash) ? "done" : failed.has(run.hash) ? "failed" : "missing",
      ...(failed.has(run.hash) && { why: failed.get(run.hash)! }),
    })),
  });
}

function listRuns({ runs, done }: Study): string {
  const names = Object.keys(runs[0]?.varying ?? {});
  const table = textTable([
    ["result", "state", ...names],
    ...runs.map(({ hash, varying }) => [
      hash,
      done.has(hash) ? "done" : "to do",
      ...names.map((name) => varying[name]),
    ]),
  ]);
  return `${table}${runs.length} runs, ${done.size} done\n`;
}

/** Results in the order of the grid, not in the order in which the runs ended. */
function resultsOf({ runs, done }: Study): readonly ResultHead[] {
  return runs.flatMap(({ hash }) => done.get(hash) ?? []);
}
