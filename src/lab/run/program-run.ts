import { z } from "zod";
import { InputError } from "../../basics/errors.js";
import type { Family, PolicySpec } from "../../contract/policy.js";
import type { Workload } from "../../contract/workload.js";
import type { Result } from "../../results/result.js";
import { checkShape } from "../../trace/tables/check-shape.js";
import { PLACEMENTS, type Placement, RUN_TIME_MODES, type RunTimeMode } from "../../trace/trace.js";
import { givenPolicies, loadPolicy } from "./load-policy.js";
import { performRun } from "./perform-run.js";
import { readResults as readResultFiles } from "./read-results.js";
import { WorkloadReader } from "./read-workload.js";
import { type RunSettings, USUAL_RUN } from "./run-settings.js";
import { type ServedUnit, UNITS } from "./serve-unit.js";

/** Which part of a trace is read, and how. Each default is that of `socklab run`. */
export interface WorkloadOptions {
  /**
   * Path of a trace, `format:path`, or the name of a trace that ships with socklab, such as `demo`.
   */
  readonly trace: string;
  /** Functions to keep, sampled by the seed. Default: all. */
  readonly functions?: number | undefined;
  /** First minute to read, counted from 0. Default: 0. */
  readonly fromMinute?: number | undefined;
  /** Minutes to read. Default: to the end. */
  readonly minutes?: number | undefined;
  /** Factor by which invocations arrive faster; run times do not change. Default: 1. */
  readonly speedup?: number | undefined;
  /** How a minute's invocations are spread over it. Default: `poisson`. */
  readonly placement?: Placement | undefined;
  /** Run times drawn from the trace's distribution, always the mean, or 0. Default: `trace`. */
  readonly runTimes?: RunTimeMode | undefined;
  /**
   * Path of a package catalogue, or `none`. Default: the one in the trace's folder, else the one of
   * socklab.
   */
  readonly packages?: string | undefined;
  /** Seed of every random draw. Default: 1. */
  readonly seed?: number | undefined;
}

/**
 * A preset that a program defines. Families that `choices` does not name come from `base` (default:
 * `sock`).
 */
export interface GivenPreset {
  readonly base?: string;
  readonly choices: Readonly<Partial<Record<Family, string>>>;
}

/**
 * The name of a preset, the path of a policy file, or a value as a policy file exports it by
 * default.
 */
export type GivenPolicy = string | PolicySpec | GivenPreset | readonly (PolicySpec | GivenPreset)[];

/** The machine and the policies of a simulated run. Each default is that of `socklab run`. */
interface MachineOptions {
  /** Default: the preset `sock`. */
  readonly policy?: GivenPolicy | undefined;
  /** Changes to the policies, as `--set` takes them: `"zygote=forklift:nodes=40"`. */
  readonly set?: readonly string[] | undefined;
  /** What one container serves. Default: `function`. */
  readonly unit?: ServedUnit | undefined;
  /** Memory limit; Infinity is unlimited. Default: 8 GiB. */
  readonly memoryBytes?: number | undefined;
  /** Disk limit of the install cache; Infinity is unlimited. Default: 10 GiB. */
  readonly diskBytes?: number | undefined;
  /** Default: 4. */
  readonly cores?: number | undefined;
  /**
   * First minutes of the trace that the figures leave out; what they put into the caches stays.
   * Default: 0.
   */
  readonly warmupMinutes?: number | undefined;
  /** Containers created or run at once per core. Default: Infinity. */
  readonly runsPerCore?: number | undefined;
  /** Containers and Zygotes created at once, per core. Default: 2. */
  readonly creationsPerCore?: number | undefined;
  /** Starts of one function in progress at once. Default: 4. */
  readonly creationsPerFunction?: number | undefined;
  /** Invocations that may wait; one more is rejected. Default: 1024. */
  readonly queueLimit?: number | undefined;
  /** Longest wait for a container. Default: 60 seconds. */
  readonly queueTimeoutUs?: number | undefined;
  /** Path of a cost file. Default: the one that ships with socklab. */
  readonly costs?: string | undefined;
  /** Package index. If undefined, wheels are on the machine and nothing is downloaded. */
  readonly index?: string | undefined;
}

/** What to simulate: a trace by its path or name, or a workload in memory; and on which machine. */
export type SimulationOptions = MachineOptions &
  (
    | (WorkloadOptions & { readonly workload?: undefined })
    | {
        readonly workload: Workload;
        readonly trace?: undefined;
        /** Seed of every random draw except those of the workload. Default: 1. */
        readonly seed?: number | undefined;
      }
  );

const limit = z.union([z.literal(Number.POSITIVE_INFINITY), z.number().nonnegative()]);
const count = z.int().positive();

const workloadShape = {
  trace: z.string().optional(),
  functions: count.optional(),
  fromMinute: z.int().nonnegative().optional(),
  minutes: count.optional(),
  speedup: z.number().min(1e-6).max(1e6).optional(),
  placement: z.enum(PLACEMENTS).optional(),
  runTimes: z.enum(RUN_TIME_MODES).optional(),
  packages: z.string().optional(),
  seed: z.int().nonnegative().optional(),
};
const workloadSchema = z.strictObject({ ...workloadShape, trace: z.string() });
const simulationSchema = z.strictObject({
  ...workloadShape,
  workload: z.custom<Workload>((value) => typeof value === "object").optional(),
  policy: z.custom<GivenPolicy>((value) => value !== null).optional(),
  set: z.array(z.string()).optional(),
  unit: z.enum(UNITS).optional(),
  memoryBytes: limit
    .refine((bytes) => bytes > 0, "a limit of 0 leaves no room for a container")
    .optional(),
  diskBytes: limit.optional(),
  cores: count.max(4096).optional(),
  warmupMinutes: z.number().nonnegative().optional(),
  runsPerCore: limit.optional(),
  creationsPerCore: limit.optional(),
  creationsPerFunction: limit.optional(),
  queueLimit: limit.optional(),
  queueTimeoutUs: limit.optional(),
  costs: z.string().optional(),
  index: z.string().optional(),
});

/**
 * Simulates a workload in virtual time, as `socklab run` does: equal options give equal digests.
 * Nothing is printed, and no file is written. The `command` in the result repeats the given names
 * of the trace and the policies; a workload or policy in memory appears there by its own name.
 *
 * Errors: InputError naming the option, the file or the policy that is wrong.
 */
export async function simulate(options: SimulationOptions): Promise<Result> {
  const { workload, policy, ...given } = checkShape("simulate", simulationSchema, options);
  const trace = given.trace ?? workload?.trace;
  if (trace === undefined) throw new InputError("simulate: trace: expected one, or a workload");
  if (workload !== undefined) refuseCut(options);
  const policies =
    policy === undefined || typeof policy === "string"
      ? await loadPolicy(policy ?? USUAL_RUN.policy, given.set)
      : givenPolicies(policy, nameOf(policy), given.set);
  const settings = { ...settingsOf(given, trace), policy: policies.resolved.preset };
  return performRun(settings, {
    policies,
    reader: workload === undefined ? undefined : { read: async () => workload },
  });
}

/**
 * Reads a trace, cuts it and joins it with packages as `socklab run` does. The workload can be
 * simulated any number of times: each pass over its arrivals yields the same arrivals.
 *
 * Errors: InputError naming the file, and the line if there is one.
 */
export function readWorkload(options: WorkloadOptions): Promise<Workload> {
  const { trace, ...given } = checkShape("readWorkload", workloadSchema, options);
  return new WorkloadReader().read(settingsOf(given, trace));
}

/**
 * Reads the results in files and folders that `socklab run --out` and `socklab sweep` have written.
 * Results have the order of the paths; those of one folder have the order of its file names. Every
 * field is checked.
 *
 * Errors: InputError naming the file and the field.
 */
export async function readResults(...paths: readonly string[]): Promise<readonly Result[]> {
  const { sources } = await readResultFiles(paths);
  return sources.map(({ result }) => result);
}

/** The settings of the usual run, with the given ones replaced. */
function settingsOf(given: object, trace: string): RunSettings {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...USUAL_RUN, ...Object.fromEntries(named), trace };
}

/**
 * Refuses options that cut or join a trace, because a workload in memory is cut and joined already.
 * Errors: InputError naming the option.
 */
function refuseCut(options: SimulationOptions): void {
  const { seed: _, ...cut } = workloadShape;
  const wrong = Object.keys(cut).find(
    (name) => options[name as keyof typeof options] !== undefined,
  );
  if (wrong === undefined) return;
  throw new InputError(
    `simulate: ${wrong}: a workload is given, which is cut already: give the option to readWorkload`,
  );
}

/** The name of policies without a file, for results and errors. */
function nameOf(policy: Exclude<GivenPolicy, string>): string {
  const parts: readonly (PolicySpec | GivenPreset)[] = Array.isArray(policy) ? policy : [policy];
  return parts.flatMap((part) => ("name" in part ? [part.name] : [])).join("+") || "given";
}
