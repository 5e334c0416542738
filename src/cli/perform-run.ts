import type { EngineConfig } from "../engine/config.js";
import { RandomStreams } from "../engine/random.js";
import type { Workload } from "../engine/workload.js";
import { makePolicies } from "../policies/registry.js";
import { Recorder } from "../results/recorder.js";
import type { Result } from "../results/result.js";
import { type Costs, footprintOf } from "../sim/costs.js";
import { simulate } from "../sim/simulate.js";
import { readCatalogue } from "../trace/catalogue.js";
import { openTrace } from "../trace/formats.js";
import { joinPackages } from "../trace/join.js";
import { describeRun } from "./describe-run.js";
import { findCatalogue } from "./find-catalogue.js";
import { journalHeader } from "./journal-header.js";
import { loadPolicy } from "./load-policy.js";
import { OutputFile } from "./output-file.js";
import { policyContext } from "./policy-context.js";
import type { Progress } from "./progress.js";
import { readCosts } from "./read-costs.js";
import { runReal } from "./run-real.js";
import { NO_PACKAGES, type RunSettings } from "./run-settings.js";
import { traceCut } from "./trace-options.js";

/**
 * Makes the parts of a run, lets it happen, and returns its result. The only place that knows all
 * of them. Errors: InputError, MachineError.
 */
export async function performRun(
  settings: RunSettings,
  startProgress: (spanUs: number) => Progress,
): Promise<Result> {
  const { resolved, choices, specs } = await loadPolicy(settings.policy, settings.set);
  const costs = await readCosts(settings.costs);
  const workload = await readWorkload(settings);
  const config = engineConfig(settings, costs);
  const streams = new RandomStreams(settings.seed);
  const context = policyContext(config, workload);
  const policies = makePolicies(choices, specs, context, streams);
  const recorder = new Recorder(workload.functions.map(({ name }) => name));
  const journal = settings.journal && new OutputFile(settings.journal, "--journal");
  const progress = startProgress(workload.spanUs);
  const startedAt = new Date();
  const startedUs = performance.now() * 1000;
  try {
    const parts = {
      workload,
      config,
      policies,
      observer: recorder,
      journal: journal
        ? {
            header: journalHeader(settings, resolved, config, workload),
            write: (text: string) => journal.write(text),
          }
        : undefined,
      onProgress: (nowUs: number) => progress.update(nowUs),
    };
    const end =
      settings.backend === "sim"
        ? await simulate({ ...parts, costs, streams })
        : await runReal(parts, settings, costs);
    const wallUs = Math.round(performance.now() * 1000 - startedUs);
    if (journal) journal.complete();
    return recorder.finish({
      run: describeRun({ settings, resolved, workload, end, wallUs, startedAt }, recorder.arrivals),
      memoryLimitBytes: settings.memoryBytes,
      memory: end.memory,
      disk: end.disk,
    });
  } finally {
    progress.stop();
    if (journal) journal.discard();
  }
}

async function readWorkload(settings: RunSettings): Promise<Workload> {
  const { placement, runTimes, seed } = settings;
  const trace = await openTrace(settings.trace, traceCut(settings));
  const packages = settings.packages ?? (await findCatalogue(trace.path));
  const catalogue = packages === NO_PACKAGES ? undefined : await readCatalogue(packages);
  return joinPackages(trace, catalogue, new RandomStreams(seed), { placement, runTimes });
}

function engineConfig(settings: RunSettings, costs: Costs): EngineConfig {
  return {
    memoryLimitBytes: settings.memoryBytes,
    diskLimitBytes: settings.diskBytes,
    cores: settings.cores,
    runsPerCore: settings.runsPerCore,
    queueLimit: settings.queueLimit,
    queueTimeoutUs: settings.queueTimeoutUs,
    footprint: footprintOf(costs),
  };
}
