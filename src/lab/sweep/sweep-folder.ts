import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../basics/errors.js";
import { makeFolder } from "../../basics/make-folder.js";
import type { ResultHead } from "../../results/metrics.js";
import { resultSchema } from "../../results/result.js";
import type { StudyRecord } from "../../results/study-result.js";
import { describeSettings } from "../run/describe-run.js";
import { OutputFile } from "../run/output-file.js";
import { canonicalJson } from "./configuration-hash.js";
import type { PlannedRun } from "./plan.js";

const UNFINISHED = /^(?:[0-9a-f]+|study)\.json\.(\d+)\.tmp$/;
const STUDY_FILE = "study.json";

/** State of a result file for a sweep. `why` says in one line what is wrong with the file. */
export type ResultFile =
  | { readonly state: "missing" }
  | { readonly state: "done"; readonly result: ResultHead }
  | { readonly state: "unusable"; readonly why: string };

/**
 * The folder of a sweep. It contains one result file per run, named by the hash of the run's
 * configuration.
 */
export class SweepFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder, and removes unfinished files of sweeps that were killed. Errors: InputError.
   */
  prepare(): void {
    makeFolder(this.path, "--out");
    for (const name of readdirSync(this.path)) {
      const owner = UNFINISHED.exec(name)?.[1];
      if (owner !== undefined && !isRunning(Number(owner))) rmSync(join(this.path, name));
    }
  }

  pathOf(run: PlannedRun): string {
    return join(this.path, `${run.hash}.json`);
  }

  /** Reads the result file of a run, and checks that it is complete and belongs to that run. */
  read(run: PlannedRun): ResultFile {
    const text = readIfThere(this.pathOf(run));
    if (text === undefined) return { state: "missing" };
    const unusable = (why: string): ResultFile => ({ state: "unusable", why });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return unusable("truncated, or not JSON");
    }
    const checked = resultSchema.safeParse(value);
    if (!checked.success) {
      const issue = checked.error.issues[0];
      return unusable(`not a socklab result: ${issue.path.join(".")}: ${issue.message}`);
    }
    const { run: made, invocations, coldStarts, timesUs, memory, tiers, warnings } = checked.data;
    const asked = describeSettings(run.settings, run.policies.resolved);
    if (!holds(made, asked)) return unusable(`the result of another run, ${made.id}`);
    const result = { run: made, invocations, coldStarts, timesUs, memory, tiers, warnings };
    return { state: "done", result };
  }

  /** Writes the study file: the grid and the state of each run. */
  writeStudy(study: StudyRecord): void {
    const file = new OutputFile(join(this.path, STUDY_FILE), "--out");
    try {
      file.write(`${JSON.stringify(study, null, 2)}\n`);
      file.complete();
    } finally {
      file.discard();
    }
  }
}

/** Whether every field of `part` has the same value in `whole`, at every depth. */
function holds(whole: object, part: object): boolean {
  const fields = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(([name, value]) => {
    const found = fields.get(name);
    if (name !== "options") return canonicalJson(found) === canonicalJson(value);
    return typeof found === "object" && found !== null && holds(found, value);
  });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new InputError(`--out: ${path}: cannot be read (${(error as Error).message})`);
  }
}

/** Whether a process with this id is running, of this user or another. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
