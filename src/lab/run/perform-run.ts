import { RandomStreams } from "../../basics/random.js";
import type { EngineConfig } from "../../contract/config.js";
import type { Policies } from "../../contract/policy.js";
import { closePolicies } from "../../policies/own-policies.js";
import { makePolicies } from "../../policies/registry.js";
import { needRoot } from "../../real/host/need-root.js";
import { Recorder } from "../../results/recorder.js";
import type { Result } from "../../results/result.js";
import { type RunParts, runOn } from "../../run/on-backend.js";
import type { RunEnd } from "../../run/run-end.js";
import { simulate } from "../../run/simulate.js";
import { type Costs, footprintOf, withLocalPackages } from "../../sim/costs/costs.js";
import { RecordedBackend } from "../../sim/recorded/recorded-backend.js";
import { RecordedCosts } from "../../sim/recorded/recorded-costs.js";
import type { InvocationLog } from "../data/invocation-log.js";
import { blame } from "../policy/blame.js";
import { blamePolicy } from "../policy/known-places.js";
import { describeRun } from "./describe-run.js";
import { journalHeader } from "./journal-header.js";
import { type LoadedPolicies, loadPolicy } from "./load-policy.js";
import { OutputFile } from "./output-file.js";
import { policyContext } from "./policy-context.js";
import { type Progress, SILENT_PROGRESS } from "./progress.js";
import { readCosts } from "./read-costs.js";
import { WorkloadReader } from "./read-workload.js";
import { measuredSpan, recordedFunctions } from "./recorder-parts.js";
import type { RunSettings } from "./run-settings.js";
import { serveUnit } from "./serve-unit.js";
import { findOracles, foresee, trainPolicies } from "./train-policies.js";
import { makeYield } from "./yield-to-events.js";

/** Parts of a run that the caller may provide. */
export interface GivenParts {
  /** Starts the display of progress. Absent: no progress is shown. */
  readonly startProgress?: ((spanUs: number) => Progress) | undefined;
  /** Given if several runs share workloads, or if a program has its own workload. */
  readonly reader?: Pick<WorkloadReader, "read"> | undefined;
  /** Given if a simulated run does not draw its costs by its own seed. */
  readonly costSource?: CostSource | undefined;
  /**
   * Given if a program provides the policies. The settings then only name them, and no file is
   * read.
   */
  readonly policies?: LoadedPolicies | undefined;
}

/**
 * Makes the parts of a run, performs it, and returns its result. This is the only place that knows
 * all parts. Errors: InputError, MachineError.
 */
export async function performRun(settings: RunSettings, given: GivenParts = {}): Promise<Result> {
  const {
    startProgress = () => SILENT_PROGRESS,
    reader = new WorkloadReader(),
    costSource,
  } = given;
  if (settings.backend === "real") needRoot("--backend real");
  const { resolved, choices, specs } =
    given.policies ?? (await loadPolicy(settings.policy, settings.set));
  const costs = await costsOf(settings);
  const workload = await reader.read(settings);
  const config = engineConfig(settings, costs);
  const streams = new RandomStreams(settings.seed);
  const measured = measuredSpan(settings, workload);
  const recorder = new Recorder(recordedFunctions(workload, costs), measured);
  if (workload.caveat !== undefined) recorder.warned("trace-caveat", workload.caveat);
  const oracles = findOracles(choices, specs);
  const outputs = await openOutputs(settings);
  const { journal, log } = outputs;
  let progress = SILENT_PROGRESS;
  let made: Policies | undefined;
  const yieldToEvents = makeYield();
  const startedAt = new Date();
  const startedUs = performance.now() * 1000;
  try {
    const observer = log?.start(workload.functions, recorder) ?? recorder;
    const { interpreterBytes } = config.footprint;
    const served = serveUnit(settings.unit, workload, observer, interpreterBytes);
    const trained = await trainPolicies(choices, specs, settings, workload, interpreterBytes);
    const future = await foresee(choices, specs, settings.unit, workload, interpreterBytes);
    const ahead = { trained, future };
    const context = policyContext(config, served.workload, ahead);
    const policies = makePolicies(choices, specs, context, streams);
    made = policies;
    progress = startProgress(workload.spanUs);
    const parts = {
      ...served,
      config,
      policies,
      measured,
      journal: journal
        ? {
            header: journalHeader({ ...settings, ...ahead, resolved, config }, served.workload),
            write: (text: string) => journal.write(text),
          }
        : undefined,
      onProgress: (nowUs: number) => {
        progress.update(nowUs);
        return yieldToEvents();
      },
    };
    const end =
      settings.backend === "sim"
        ? await simulateWith(costSource ?? streams, parts, costs)
        : await (await import("./run-real.js")).runReal(parts, settings, costs);
    const wallUs = Math.round(performance.now() * 1000 - startedUs);
    await log?.complete();
    journal?.complete();
    const result = recorder.finish({
      run: describeRun(
        { settings, resolved, workload, end, wallUs, startedAt, oracles },
        recorder.arrivals,
      ),
      memoryLimitBytes: settings.memoryBytes,
      memory: end.memory,
      disk: end.disk,
      zygotes: end.zygotes,
      packages: workload.catalogue.packages,
    });
    return { ...result, warnings: [...blame(result.warnings, policies)] };
  } catch (error) {
    throw blamePolicy(error);
  } finally {
    progress.stop();
    if (made !== undefined) closePolicies(made);
    await closeOutputs(outputs);
  }
}

/** Files that record a run, in addition to its result. */
interface Outputs {
  readonly journal: OutputFile | undefined;
  readonly log: InvocationLog | undefined;
}

/** Errors: InputError if one of them cannot be written. */
async function openOutputs({ journal, invocations }: RunSettings): Promise<Outputs> {
  const opened = journal === undefined ? undefined : new OutputFile(journal, "--journal");
  try {
    if (invocations === undefined) return { journal: opened, log: undefined };
    const { InvocationLog, invocationFormat } = await import("../data/invocation-log.js");
    const format = invocationFormat(invocations);
    const file = new OutputFile(invocations, "--invocations");
    return { journal: opened, log: new InvocationLog(file, format) };
  } catch (error) {
    opened?.discard();
    throw error;
  }
}

/** Removes the files that are not complete. */
async function closeOutputs({ journal, log }: Outputs): Promise<void> {
  journal?.discard();
  await log?.discard();
}

/**
 * Like a real run, a simulated run uses wheels that were built on this machine unless an index is
 * named.
 */
async function costsOf({ costs, index }: RunSettings): Promise<Costs> {
  const read = await readCosts(costs);
  return index === undefined ? withLocalPackages(read) : read;
}

/** Where a simulated run's costs come from: another seed's draws from the model, or a recorded run. */
export type CostSource = RandomStreams | RecordedCosts;

async function simulateWith(
  costSource: CostSource,
  parts: RunParts,
  costs: Costs,
): Promise<RunEnd> {
  if (!(costSource instanceof RecordedCosts))
    return simulate({ ...parts, costs, streams: costSource });
  return (await runOn(new RecordedBackend(costSource), parts))!;
}

function engineConfig(settings: RunSettings, costs: Costs): EngineConfig {
  return {
    memoryLimitBytes: settings.memoryBytes,
    diskLimitBytes: settings.diskBytes,
    cores: settings.cores,
    runsPerCore: settings.runsPerCore,
    creationsPerCore: settings.creationsPerCore,
    creationsPerFunction: settings.creationsPerFunction,
    queueLimit: settings.queueLimit,
    queueTimeoutUs: settings.queueTimeoutUs,
    footprint: footprintOf(costs),
  };
}
