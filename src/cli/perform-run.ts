import { readFile } from "node:fs/promises";
import type { EngineConfig } from "../engine/config.js";
import { InputError, MachineError } from "../engine/errors.js";
import { RandomStreams } from "../engine/random.js";
import { makePolicies } from "../policies/registry.js";
import { Recorder } from "../results/recorder.js";
import type { Result } from "../results/result.js";
import { type Costs, footprintOf, parseCosts } from "../sim/costs.js";
import { simulate } from "../sim/simulate.js";
import { makeBreather } from "./breathe.js";
import { describeRun } from "./describe-run.js";
import { journalHeader } from "./journal-header.js";
import { loadPolicy } from "./load-policy.js";
import { DEFAULT_COSTS_PATH } from "./machine.js";
import { OutputFile } from "./output-file.js";
import { policyContext } from "./policy-context.js";
import type { Progress } from "./progress.js";
import { WorkloadReader } from "./read-workload.js";
import type { RunSettings } from "./run-settings.js";

/**
 * Makes the parts of a run, lets it happen, and returns its result. The only place that knows all
 * of them. `reader` is given where several runs share workloads. Errors: InputError, MachineError.
 */
export async function performRun(
  settings: RunSettings,
  startProgress: (spanUs: number) => Progress,
  reader = new WorkloadReader(),
): Promise<Result> {
  if (settings.backend === "real") {
    throw new MachineError("--backend real: the real worker is not built yet: use --backend sim");
  }
  const { resolved, choices, specs } = await loadPolicy(settings.policy, settings.set);
  const costs = await readCosts(settings.costs);
  const workload = await reader.read(settings);
  const config = engineConfig(settings, costs);
  const streams = new RandomStreams(settings.seed);
  const context = policyContext(config, workload);
  const policies = makePolicies(choices, specs, context, streams);
  const recorder = new Recorder(workload.functions.map(({ name }) => name));
  const journal = settings.journal && new OutputFile(settings.journal, "--journal");
  const progress = startProgress(workload.spanUs);
  const breathe = makeBreather();
  const startedAt = new Date();
  const startedUs = performance.now() * 1000;
  try {
    const end = await simulate({
      workload,
      config,
      policies,
      costs,
      streams,
      observer: recorder,
      journal: journal
        ? {
            header: journalHeader(settings, resolved, config, workload),
            write: (text) => journal.write(text),
          }
        : undefined,
      onProgress: (nowUs) => {
        progress.update(nowUs);
        return breathe();
      },
    });
    const wallUs = Math.round(performance.now() * 1000 - startedUs);
    if (journal) journal.complete();
    return recorder.finish({
      run: describeRun({ settings, resolved, workload, end, wallUs, startedAt }, recorder.arrivals),
      memoryLimitBytes: settings.memoryBytes,
      memory: end.memory,
      disk: end.disk,
      zygotes: end.zygotes,
      packages: workload.catalogue.packages,
    });
  } finally {
    progress.stop();
    if (journal) journal.discard();
  }
}

async function readCosts(file = DEFAULT_COSTS_PATH): Promise<Costs> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`--costs ${file}: cannot be read (${error.code}), expected a cost file`);
  });
  return parseCosts(text, file);
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
