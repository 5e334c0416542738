import { InputError } from "../../basics/errors.js";
import { SILENT_OBSERVER } from "../../contract/observer.js";
import { FAMILIES, type Family, type PolicySpec } from "../../contract/policy.js";
import type { TrainedFunction, Training } from "../../contract/training.js";
import type { Workload } from "../../contract/workload.js";
import type { PolicyChoices } from "../../policies/choice.js";
import { type FunctionArrivals, readFuture } from "../../policies/known-future.js";
import { findSpec } from "../../policies/registry.js";
import type { Oracle } from "../../results/run-schema.js";
import { countCreations } from "../../trace/arrivals/count-creations.js";
import { WorkloadReader } from "./read-workload.js";
import type { RunSettings } from "./run-settings.js";
import { serveUnit } from "./serve-unit.js";

/** Per family, the functions to which its policy is fitted. */
export type TrainedByFamily = Partial<Record<Family, readonly TrainedFunction[]>>;

/**
 * The functions to which the policies of a run ask to be fitted; with the unit `application`, these
 * are applications, as in the run. Errors: InputError if the trace
 * has too few minutes before the run.
 */
export async function trainPolicies(
  choices: PolicyChoices,
  specs: readonly PolicySpec[],
  settings: RunSettings,
  workload: Workload,
  interpreterBytes: number,
): Promise<TrainedByFamily> {
  const trained: TrainedByFamily = {};
  for (const family of FAMILIES) {
    const { name, parameters } = choices[family];
    const training = findSpec(family, name, specs, "policy").training?.(parameters) ?? null;
    if (training === null) continue;
    const source =
      training.minutes === 0
        ? workload
        : await readBefore(settings, training.minutes, `policy ${family}=${name}`, workload);
    const served = serveUnit(settings.unit, source, SILENT_OBSERVER, interpreterBytes);
    trained[family] = await weigh(served.workload, training);
  }
  return trained;
}

/** The policies that know something of the run's future, and what. */
export function findOracles(choices: PolicyChoices, specs: readonly PolicySpec[]): Oracle[] {
  return FAMILIES.flatMap((family) => {
    const { name, parameters } = choices[family];
    const { oracle, needsFuture } = findSpec(family, name, specs, "policy");
    const knows = oracle?.(parameters) ?? (needsFuture ? "it has the arrivals of the run" : null);
    return knows === null ? [] : [{ family, policy: name, knows }];
  });
}

/**
 * The arrivals of a run by function, or with the unit `application` by application; undefined if
 * its policies do not need them. Errors: InputError.
 */
export async function foresee(
  choices: PolicyChoices,
  specs: readonly PolicySpec[],
  unit: RunSettings["unit"],
  workload: Workload,
  interpreterBytes: number,
): Promise<readonly FunctionArrivals[] | undefined> {
  const isNeeded = FAMILIES.some(
    (family) => findSpec(family, choices[family].name, specs, "policy").needsFuture,
  );
  if (!isNeeded) return undefined;
  const served = serveUnit(unit, workload, SILENT_OBSERVER, interpreterBytes).workload;
  return readFuture(served.arrivals(), served.functions.length);
}

/** The workload of the minutes before a run. If the run has a sample of the functions, so has it. */
async function readBefore(
  settings: RunSettings,
  minutes: number,
  where: string,
  { functions }: Workload,
): Promise<Workload> {
  const fromMinute = settings.fromMinute - minutes;
  if (fromMinute < 0)
    throw new InputError(
      `${where}: train=${minutes}: the run begins at minute ${settings.fromMinute} of the trace, so there are fewer minutes to train on: begin later with --from`,
    );
  const before = { ...settings, fromMinute, minutes, functions: undefined };
  const whole = await new WorkloadReader().read(before);
  if (settings.functions === undefined) return whole;
  const sampled = new Set(functions.map(({ name }) => name));
  const isSampled = whole.functions.map(({ name }) => sampled.has(name));
  return {
    ...whole,
    functions: whole.functions.map((each, id) => (isSampled[id] ? each : { ...each, weight: 0 })),
  };
}

async function weigh(
  workload: Pick<Workload, "functions" | "arrivals">,
  { weigh: by }: Training,
): Promise<readonly TrainedFunction[]> {
  const creations = by === "creations" ? await countCreations(workload) : undefined;
  return workload.functions.map(({ closure, weight }, id) => {
    if (weight === 0) return { closure, weight };
    return { closure, weight: by === "functions" ? 1 : (creations?.[id] ?? weight) };
  });
}
