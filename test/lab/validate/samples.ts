import { COLD, WARM, ZYGOTE } from "../../../src/contract/observer.js";
import type { PolicyRuns, ReplayedRun } from "../../../src/lab/validate/make-fidelity.js";
import type { RunLog } from "../../../src/lab/validate/run-log.js";
import type { Result } from "../../../src/results/result.js";
import { sampleResult } from "../../results/samples.js";

interface Part {
  /** Index in START_KINDS, by invocation. */
  readonly startKinds?: readonly number[];
  readonly memoryBytes?: readonly number[];
  readonly evictions?: Partial<RunLog["evictions"]>;
  /** The value of all startup times. */
  readonly startupUs?: number;
  readonly meanBytes?: number;
  readonly digest?: string;
}

/** A run of ten invocations that has a value for every measure. */
export function sampleRun(part: Part = {}): ReplayedRun {
  const { startKinds = [COLD, ZYGOTE, WARM, WARM, WARM, WARM, WARM, WARM, COLD, WARM] } = part;
  const { startupUs = 1000, meanBytes = 1e6, digest = "0123" } = part;
  const sample = sampleResult();
  const count = (kind: number) => startKinds.filter((each) => each === kind).length;
  const times = { count: startKinds.length, mean: startupUs, p50: startupUs, p90: startupUs };
  const startup = { ...times, p95: startupUs, p99: startupUs, p999: startupUs, max: startupUs };
  const result: Result = {
    ...sample,
    run: { ...sample.run, digest },
    invocations: {
      ...{ total: startKinds.length, completed: startKinds.length },
      ...{ failed: 0, timedOut: 0, rejected: 0, resumed: 0, delayedWarm: 0 },
      ...{ zygoteBuilt: 0, rootZygote: 0 },
      ...{ warm: count(WARM), zygote: count(ZYGOTE), cold: count(COLD) },
    },
    timesUs: { ...sample.timesUs, startup },
    startupEcdfUs: [{ atMostUs: startupUs, count: startKinds.length }],
    memory: { ...sample.memory, meanBytes },
  };
  const { memoryBytes = [1e6, 1e6] } = part;
  const evictions = { handler: ["f", "g", "f"], import: [], install: ["p==1"], ...part.evictions };
  return {
    result,
    log: { startKinds, memoryBytes, evictions },
    replay: { events: 20, operations: 10, divergence: null },
  };
}

/** Runs of one policy, which are equal unless `part` says otherwise. */
export function samplePolicy(label: string, part: Partial<PolicyRuns> = {}): PolicyRuns {
  const { real = [sampleRun(), sampleRun()], sim = [sampleRun(), sampleRun()] } = part;
  const use = { same: 10, alike: 0, unknown: 0 };
  return {
    ...{ label, real, sim, drawn: real, same: real, drawnCosts: use, sameCosts: use },
    policy: { ...sampleResult().run.policy, preset: label },
    ...part,
  };
}

/** The description of all runs in a validation. */
export const SAMPLE_ASKED = (() => {
  const { run } = sampleResult();
  const { trace, memoryBytes, diskBytes, cores, seed, options } = run;
  const { commit, version, machine, startedAt, wallUs } = run;
  return {
    ...{ trace, memoryBytes, diskBytes, cores, seed, options },
    ...{ commit, version, machine, startedAt, wallUs, repeats: 2, simRepeats: 2 },
  };
})();
