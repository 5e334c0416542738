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
  /** Settings of every run; policy, backend and journal are replaced per run. */
  readonly settings: RunSettings;
  readonly policies: readonly string[];
  readonly repeats: number;
  readonly simRepeats: number;
  /** Folder of the journals, and of each run's result if `keepsResults`. */
  readonly folder: string;
  readonly keepsResults: boolean;
}

export interface ValidationProgress {
  /** Called when a run begins, with its name, its number (from 1) and the number of all runs. */
  begins(name: string, number: number, count: number): void;
  startRun(spanUs: number): Progress;
}

/** A run with its log and the path of its journal. */
interface RecordedRun extends ReplayedRun {
  readonly journal: string;
}

interface Recordings {
  readonly label: string;
  readonly real: RecordedRun[];
  readonly sim: RecordedRun[];
}

/**
 * Performs every run of a plan. The real runs come first, in rounds over the policies, so a change
 * of the machine over time affects all policies alike. A real run whose result is already in the
 * folder is not repeated. Errors: InputError, MachineError.
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
    // each real run is simulated twice with its costs
    this.#count = policies.length * (3 * repeats + simRepeats);
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

  /** Simulates each real run once with the costs of that real run. */
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

  /**
   * Reads the result of a real run that an earlier validation kept. Errors: InputError if the file
   * is the result of another run.
   */
  async #keptResult(name: string, settings: RunSettings): Promise<Result | undefined> {
    const path = this.#resultPath(name);
    if (!this.#plan.keepsResults || !(await fileExists(path))) return undefined;
    const { sources } = await readResults([path]);
    const { result } = sources[0];
    const command = runCommandLine(settings);
    if (result.run.command === command) return result;
    throw new InputError(
      `--runs: ${path} is the result of another run (${result.run.command}), expected ${command}: name another folder`,
    );
  }

  #resultPath(name: string): string {
    return join(this.#plan.folder, `${name}.json`);
  }

  /**
   * Writes a result after its journal, so a result in the folder means that the run is complete.
   */
  #keep(name: string, result: Result): void {
    const file = new OutputFile(this.#resultPath(name), "--runs");
    file.write(`${JSON.stringify(result)}\n`);
    file.complete();
  }
}

/** Replays a run's journal to make its log. */
async function recordOf(result: Result, journal: string): Promise<RecordedRun> {
  const logger = new RunLogger();
  const { observer, listener, hooks } = logger;
  const replay = await replayFile(journal, { observer, listener, hooks });
  return { result, journal, log: logger.finish(result.run.spanUs), replay };
}

/** Replays a run's journal to collect the times of its operations. */
async function costsOf(journal: string): Promise<CostCollector> {
  const listener = new CostCollector();
  await replayFile(journal, { listener });
  return listener;
}

/** Repeat 0 is the run that `socklab run` makes. The others draw their costs by the next seeds. */
function drawsOf(seed: number, repeat: number): RandomStreams | undefined {
  return repeat === 0 ? undefined : new RandomStreams(seed + repeat);
}
