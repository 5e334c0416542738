import { existsSync } from "node:fs";
import { extname } from "node:path";
import { InputError } from "../../basics/errors.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import { FAMILIES } from "../../contract/policy.js";
import { QUESTIONS } from "../../contract/policy-methods.js";
import { placesOfModule } from "../policy/import-module.js";
import { POLICY_EXTENSIONS } from "../run/load-policy.js";
import { type RunSettings, USUAL_RUN } from "../run/run-settings.js";
import type { CheckedRun } from "./check-thread.js";
import { checkTypes, type TypeCheck } from "./check-types.js";
import { watchedRun } from "./watched-run.js";

/**
 * The runs of a check: half an hour of twelve functions on a machine on which containers, Zygotes
 * and packages must all be evicted, and every start finds room in the end.
 */
export const CHECK_RUN = {
  trace: "tiny",
  memoryBytes: 512 * BYTES_PER_MIB,
  diskBytes: 58 * BYTES_PER_MIB,
  cores: 2,
} as const;

/** As long as a policy in Python may take for an answer. */
const ANSWER_LIMIT_MS = 10_000;

/** What a check has found. */
export interface PolicyCheck {
  /** `not TypeScript`; undefined: no compiler is installed. */
  readonly types: TypeCheck | "not TypeScript" | undefined;
  /** The last run; undefined: no run has ended. */
  readonly run: CheckedRun | undefined;
  /** Questions of the families that it serves which were not asked. */
  readonly unasked: readonly string[];
  /** Why the file should not be used. Empty: nothing was found. */
  readonly faults: readonly string[];
}

/**
 * Checks a policy file: the types of TypeScript, then two runs, which must follow each answer and
 * make equal decisions. Errors: InputError if the file is not a policy file; MachineError.
 */
export async function checkPolicy(
  path: string,
  set: readonly string[],
  limitMs = ANSWER_LIMIT_MS,
): Promise<PolicyCheck> {
  refuseOthers(path);
  const types = /\.m?ts$/.test(path) ? await checkTypes(path) : "not TypeScript";
  const typeErrors = typeof types === "object" ? types.errors : [];
  const settings = { ...USUAL_RUN, ...CHECK_RUN, policy: path, set };
  const { runs, fault } = await runTwice(settings, limitMs);
  const run = runs.at(-1);
  const faults = [...typeErrors, ...(fault === undefined ? faultsOf(runs, path) : [fault])];
  return { types, run, unasked: run === undefined ? [] : unaskedOf(run), faults };
}

function refuseOthers(path: string): void {
  if (!existsSync(path)) throw new InputError(`check-policy: there is no file ${path}`);
  if (!POLICY_EXTENSIONS.includes(extname(path)))
    throw new InputError(
      `check-policy: ${path}: not a file with a policy, expected one of ${POLICY_EXTENSIONS.join(", ")}`,
    );
}

async function runTwice(settings: RunSettings, limitMs: number) {
  const { policy } = settings;
  const runs: CheckedRun[] = [];
  try {
    const isPython = extname(policy) === ".py"; // its process has the same limit
    const limit = isPython ? undefined : { limitMs, places: await placesOfModule(policy) };
    while (runs.length < 2) runs.push(await watchedRun(settings, limit));
    return { runs, fault: undefined };
  } catch (error) {
    const isOption = error instanceof InputError && error.message.startsWith("--set");
    if (!(error instanceof InputError) || isOption) throw error;
    return { runs, fault: error.message };
  }
}

function faultsOf(runs: readonly CheckedRun[], path: string): readonly string[] {
  const [first, second] = runs;
  const isSame = first.digest === second.digest;
  const unused = second.unused.map((name) => `${name}: ${path} has it, and no family uses it`);
  const read = second.read.map((text) => `it depends on more than the run: ${text}`);
  const differs = `two runs differ: digests ${first.digest} and ${second.digest}`;
  return [...unused, ...second.warnings, ...read, ...(isSame ? [] : [differs])];
}

function unaskedOf({ serves, asked }: CheckedRun): readonly string[] {
  const families = FAMILIES.filter((family) =>
    serves.some((name) => name.startsWith(`${family}=`)),
  );
  return families.flatMap((family) =>
    Object.entries(QUESTIONS[family])
      .filter(([name, { isOptional }]) => !isOptional && !asked.has(name))
      .map(([name]) => name),
  );
}
