import { basename, join, resolve, sep } from "node:path";
import { formatBytes, US_PER_SECOND } from "../../basics/units.js";
import type { Workload } from "../../contract/workload.js";
import type { Oracle, RunDescription, RunInputs } from "../../results/run-schema.js";
import type { RunEnd } from "../../run/run-end.js";
import { finiteOrNull } from "./finite-or-null.js";
import type { ResolvedPolicies } from "./load-policy.js";
import {
  DEFAULT_COSTS_PATH,
  describeMachine,
  findCommit,
  PROJECT_ROOT,
  SOCKLAB_VERSION,
} from "./provenance.js";
import { realOptions, runCommandLine } from "./run-command-line.js";
import type { RunSettings } from "./run-settings.js";

/** Name of the project's own cost file in a result. */
const DEFAULT_COSTS = "default";

const SHIPPED_TRACES = join(PROJECT_ROOT, "traces") + sep;

/** What is known after a run has ended. */
interface PerformedRun {
  readonly settings: RunSettings;
  readonly resolved: ResolvedPolicies;
  readonly workload: Workload;
  readonly end: RunEnd;
  readonly wallUs: number;
  readonly startedAt: Date;
  readonly oracles: readonly Oracle[];
}

/** The `run` part of a result. */
export function describeRun(performed: PerformedRun, invocations: number): RunDescription {
  const { settings, resolved, workload, end, wallUs, startedAt, oracles } = performed;
  const { options, ...asked } = describeSettings(settings, resolved);
  return {
    id: runId(settings, resolved.preset, end.digest),
    command: runCommandLine(settings),
    trace: settings.trace,
    ...asked,
    inputs: describeInputs(settings, workload),
    oracles: [...oracles],
    options: { ...options, packages: workload.catalogue.source },
    commit: findCommit(),
    version: SOCKLAB_VERSION,
    machine: describeMachine(),
    startedAt: startedAt.toISOString(),
    spanUs: end.endUs,
    wallUs,
    invocationsPerSecond: wallUs === 0 ? 0 : (invocations / wallUs) * US_PER_SECOND,
    digest: end.digest,
  };
}

function describeInputs({ costs }: RunSettings, workload: Workload): RunInputs {
  const { source, kind, path } = workload.catalogue;
  const hasNone = workload.catalogue.packages.length === 0;
  return {
    catalogue: {
      kind: hasNone ? "none" : (kind ?? "unknown"),
      name: source,
      isShipped: path !== undefined && resolve(path).startsWith(SHIPPED_TRACES),
      drawnFor: workload.drawnPackages ?? 0,
    },
    costs: {
      name: costs ?? basename(DEFAULT_COSTS_PATH),
      isShipped: costs === undefined || resolve(costs) === resolve(DEFAULT_COSTS_PATH),
    },
  };
}

/** Which arrivals of the trace a run has, and how they are placed in time. */
export function describeArrivals(settings: ArrivalSettings) {
  return {
    functions: settings.functions ?? null,
    fromMinute: settings.fromMinute,
    minutes: settings.minutes ?? null,
    warmupMinutes: settings.warmupMinutes,
    speedup: settings.speedup,
    placement: settings.placement,
    runTimes: settings.runTimes,
  };
}

type ArrivalSettings = Pick<
  RunSettings,
  "functions" | "fromMinute" | "minutes" | "warmupMinutes" | "speedup" | "placement" | "runTimes"
>;

/**
 * The part of a run's description that is known before the run, except the paths of trace and
 * catalogue.
 */
export function describeSettings(settings: RunSettings, resolved: ResolvedPolicies) {
  const { zygote, evict, install, dispatch, queue, "keep-alive": keepAlive } = resolved.choices;
  return {
    backend: settings.backend,
    policy: { preset: resolved.preset, zygote, evict, keepAlive, install, dispatch, queue },
    memoryBytes: finiteOrNull(settings.memoryBytes),
    diskBytes: finiteOrNull(settings.diskBytes),
    cores: settings.cores,
    seed: settings.seed,
    ...(settings.backend === "real" && { real: describeReal(settings) }),
    options: {
      ...describeArrivals(settings),
      costs: settings.costs ?? DEFAULT_COSTS,
      unit: settings.unit,
      index: settings.index ?? null,
      ...(resolved.modules.length > 0 && { policyFiles: resolved.modules.join(" ") }),
      runsPerCore: finiteOrNull(settings.runsPerCore),
      creationsPerCore: finiteOrNull(settings.creationsPerCore),
      creationsPerFunction: finiteOrNull(settings.creationsPerFunction),
      queueLimit: finiteOrNull(settings.queueLimit),
      queueTimeoutUs: finiteOrNull(settings.queueTimeoutUs),
    },
  } as const;
}

function describeReal({ real }: RunSettings): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    realOptions(real).map(([name, value]) => [name.replace("--", ""), value ?? null]),
  );
}

function runId({ trace, memoryBytes, seed }: RunSettings, preset: string, digest: string): string {
  const memory = formatBytes(memoryBytes).replace(" ", "");
  return `${basename(trace)}-${basename(preset)}-${memory}-seed${seed}-${digest.slice(0, 8)}`;
}
