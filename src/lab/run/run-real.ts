import { cpus } from "node:os";
import { assert, MachineError } from "../../basics/errors.js";
import { usualInstallsAtOnce } from "../../real/open-state.js";
import { parseIndex } from "../../real/packages/package-tool.js";
import { type RealRun, runOnThisMachine } from "../../run/on-this-machine.js";
import type { RunEnd } from "../../run/run-end.js";
import { type Costs, wakeUsOf } from "../../sim/costs/costs.js";
import type { RunSettings } from "./run-settings.js";
import { endBySignal, stopSignal } from "./stop-signal.js";

type Parts = Pick<
  RealRun,
  "workload" | "config" | "policies" | "observer" | "measured" | "journal" | "onProgress"
>;

/**
 * Performs a real run. After a signal it first releases everything on the machine, then the process
 * ends by that signal.
 */
export async function runReal(parts: Parts, settings: RunSettings, costs: Costs): Promise<RunEnd> {
  const { real } = settings;
  assert(real !== undefined, "a real run without settings for it");
  const problems = new Map<string, number>();
  const { stopped, forget } = stopSignal();
  let signal: NodeJS.Signals | undefined;
  try {
    const end = await runOnThisMachine({
      ...parts,
      stateFolder: real.state,
      python: real.python,
      index: settings.index === undefined ? undefined : parseIndex(settings.index),
      installsAtOnce: usualInstallsAtOnce(cpus().length),
      cpuDemand: settings.runTimes === "zero" ? 0 : costs.costs.runCpuDemand.value,
      base: real.base,
      options: { ...real.containers, wakeUs: wakeUsOf(costs) },
      onProblem: (text) => problems.set(text, (problems.get(text) ?? 0) + 1),
      stopped: stopped.then((name) => {
        signal = name;
      }),
    });
    for (const text of [...problems.keys()].slice(0, MOST_PROBLEMS)) {
      parts.observer.warned("real-problem", text);
    }
    if (end !== undefined) return end;
  } finally {
    forget();
  }
  if (signal !== undefined) endBySignal(signal);
  throw new MachineError(`stopped by ${signal}`);
}

/** Limit on the problems that a result lists. Outcomes count all problems. */
const MOST_PROBLEMS = 20;
