import { basename, join } from "node:path";
import { InputError } from "../../basics/errors.js";
import { fileExists } from "../../basics/file-exists.js";
import { RandomStreams } from "../../basics/random.js";
import type { Result } from "../../results/result.js";
import { CostCollector, type CostOrder, type CostUse } from "../../sim/recorded/recorded-costs.js";
import { OutputFile } from "../run/output-file.js";
import { type CostSource, performRun } from "../run/perform-run.js";
import type { Progress } from "../run/progress.js";
import { readResults } from "../run/read-results.js";
import { WorkloadReader } from "../run/read-workload.js";
import { replayFile } from "../run/replay-file.js";
import { runCommandLine } from "../run/run-command-line.js";
import type { RunSettings } from "../run/run-settings.js";
import type { PolicyRuns, ReplayedRun } from "./make-fidelity.js";
import { RunLogger } from "./run-log.js";

/** What a validation runs. */
export interface ValidationPlan {
  /** Of every run, but for policy, backend and journal. */
  readonly settings: RunSettings;
  readonly policies: readonly string[];
  readonly repeats: number;
  readonly simRepeats: number;
  /** Where journals are written; each run's result too where `keepsResults`. */
  readonly folder: string;
  readonly keepsResults: boolean;
}

export interface ValidationProgress {
  /** A run begins: its name, its number from 1, and how many there are. */
  begins(name: string, number: number, count: number): void;
  startRun(spanUs: number): Progress;
}

/** A run with what its replay told. */
interface RecordedRun extends ReplayedRun {
  /** Path. */
  readonly journal: string;
}

interface Recordings {
  readonly label: string;
  readonly real: RecordedRun[];
  readonly sim: RecordedRun[];
}

/**
 * Performs every run of a plan: the real ones first, in rounds over the policies, so that what
 * changes on the machine meanwhile meets all alike; those that the folder keeps from before are not
 * done again. Errors: InputError, MachineError.
 */
export async function performValidation(
  plan: ValidationPlan,
  progress: ValidationProgress,
): Promise<readonly PolicyRuns[]> {
  const runner = new Runner(plan, progress);
  const all = plan.policies.map(
    (policy): Recordings => ({ label: basename(policy), real: [], sim: [] }),
  );
  for (let repeat = 0; repeat < plan.repeats; repeat++) {
    for (const [at, policy] of plan.policies.entries()) {
      all[at].real.push(await runner.run("real", policy, repeat));
    }
  }
  const done: PolicyRuns[] = [];
  for (const [at, policy] of plan.policies.entries()) {
    const { label, real, sim } = all[at];
    for (let repeat = 0; repeat < plan.simRepeats; repeat++) {
      sim.push(await runner.run("sim", policy, repeat, drawsOf(plan.settings.seed, repeat)));
    }
    const measured = await Promise.all(real.map(({ journal }) => costsOf(journal)));
    const drawn = await runner.withCostsOf(measured, policy, "drawn");
    const same = await runner.withCostsOf(measured, policy, "same");
    done.push({
      ...{ label, real, sim, policy: real[0].result.run.policy },
      ...{ drawn: drawn.runs, drawnCosts: drawn.use, same: same.runs, sameCosts: same.use },
    });
  }
  return done;
}

class Runner {
  readonly #plan: ValidationPlan;
  readonly #progress: ValidationProgress;
  readonly #reader = new WorkloadReader();
  readonly #count: number;
  #number = 0;

  constructor(plan: ValidationPlan, progress: ValidationProgress) {
    this.#plan = plan;
    this.#progress = progress;
    const { policies, repeats, simRepeats } = plan;
    this.#count = policies.length * (3 * repeats + simRepeats); // twice with the real run's costs
  }

  async run(
    backend: RunSettings["backend"],
    policy: string,
    repeat: number,
    costSource?: CostSource,
    kind: string = backend,
  ): Promise<RecordedRun> {
    const name = `${basename(policy)}-${kind}-${repeat + 1}`;
    const journal = join(this.#plan.folder, `${name}.journal`);
    const settings = { ...this.#plan.settings, backend, policy, journal };
    this.#number++;
    const kept = backend === "real" ? await this.#keptResult(name, settings) : undefined;
    if (kept !== undefined) return recordOf(kept, journal);
    this.#progress.begins(name, this.#number, this.#count);
    const result = await performRun(settings, {
      startProgress: (spanUs) => this.#progress.startRun(spanUs),
      reader: this.#reader,
      costSource,
    });
    if (this.#plan.keepsResults) this.#keep(name, result);
    return recordOf(result, journal);
  }

  /** For each real run a simulated one that takes its costs from it. */
  async withCostsOf(
    measured: readonly CostCollector[],
    policy: string,
    order: CostOrder,
  ): Promise<{ readonly runs: readonly RecordedRun[]; readonly use: CostUse }> {
    const runs: RecordedRun[] = [];
    const use: CostUse = { same: 0, alike: 0, unknown: 0 };
    for (const [repeat, costs] of measured.entries()) {
      const random = new RandomStreams(this.#plan.settings.seed).get(`validate/drawn/${repeat}`);
      const costSource = costs.costs(order, random);
      runs.push(await this.run("sim", policy, repeat, costSource, `${order}-costs`));
      use.same += costSource.use.same;
      use.alike += costSource.use.alike;
      use.unknown += costSource.use.unknown;
    }
    return { runs, use };
  }

  /** A real run that an earlier validation kept. Errors: InputError where it is of another run. */
  async #keptResult(name: string, settings: RunSettings): Promise<Result | undefined> {
    const path = this.#resultPath(name);
    if (!this.#plan.keepsResults || !(await fileExists(path))) return undefined;
    const { sources } = await readResults([path]);
    const { result } = sources[0];
    const command = runCommandLine(settings);
    if (result.run.command === command) return result;
    throw new InputError(
      `--runs: ${path} is of another run (${result.run.command}), expected ${command}: name another folder`,
    );
  }

  #resultPath(name: string): string {
    return join(this.#plan.folder, `${name}.json`);
  }

  /** After its journal, so that a result in the folder means a whole run. */
  #keep(name: string, result: Result): void {
    const file = new OutputFile(this.#resultPath(name), "--runs");
    file.write(`${JSON.stringify(result)}\n`);
    file.complete();
  }
}

/** Replays a run's journal for its log. */
async function recordOf(result: Result, journal: string): Promise<RecordedRun> {
  const logger = new RunLogger();
  const { observer, listener, hooks } = logger;
  const replay = await replayFile(journal, { observer, listener, hooks });
  return { result, journal, log: logger.finish(result.run.spanUs), replay };
}

/** Replays a run's journal for what its operations took. */
async function costsOf(journal: string): Promise<CostCollector> {
  const listener = new CostCollector();
  await replayFile(journal, { listener });
  return listener;
}

/** The first is the run that `socklab run` makes; the others draw their costs as the next seeds do. */
function drawsOf(seed: number, repeat: number): RandomStreams | undefined {
  return repeat === 0 ? undefined : new RandomStreams(seed + repeat);
}
