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

/** What part of a trace is read, and how. Each default is that of `socklab run`. */
export interface WorkloadOptions {
  /** Path of a trace, `format:path`, or the name of one that ships with socklab, as `demo`. */
  readonly trace: string;
  /** Functions to keep, sampled by the seed. Default: all. */
  readonly functions?: number | undefined;
  /** First minute to read, counted from 0. Default: 0. */
  readonly fromMinute?: number | undefined;
  /** Minutes to read. Default: to the end. */
  readonly minutes?: number | undefined;
  /** How much faster arrivals come; run times stay. Default: 1. */
  readonly speedup?: number | undefined;
  /** Where a minute's invocations are put. Default: `poisson`. */
  readonly placement?: Placement | undefined;
  /** Run times as the trace spreads them, always the mean, or zero. Default: `trace`. */
  readonly runTimes?: RunTimeMode | undefined;
  /** Path of a package catalogue, or `none`. Default: the one beside the trace, else socklab's. */
  readonly packages?: string | undefined;
  /** Seed of every random draw. Default: 1. */
  readonly seed?: number | undefined;
}

/** A preset of your own: families that `choices` does not name come from `base` (default: `sock`). */
export interface GivenPreset {
  readonly base?: string;
  readonly choices: Readonly<Partial<Record<Family, string>>>;
}

/** The name of a preset, the path of a policy file, or what such a file exports by default. */
export type GivenPolicy = string | PolicySpec | GivenPreset | readonly (PolicySpec | GivenPreset)[];

/** The machine and the policies of a simulated run. Each default is that of `socklab run`. */
interface MachineOptions {
  /** Default: the preset `sock`. */
  readonly policy?: GivenPolicy | undefined;
  /** Changes of the policies, as `--set` takes them: `"zygote=forklift:nodes=40"`. */
  readonly set?: readonly string[] | undefined;
  /** Memory limit; Infinity is unlimited. Default: 8 GiB. */
  readonly memoryBytes?: number | undefined;
  /** Disk limit of the install cache; Infinity is unlimited. Default: 10 GiB. */
  readonly diskBytes?: number | undefined;
  /** Default: 4. */
  readonly cores?: number | undefined;
  /** Containers created or run at once per core. Default: Infinity. */
  readonly runsPerCore?: number | undefined;
  /** Invocations that may wait; one more is rejected. Default: 1024. */
  readonly queueLimit?: number | undefined;
  /** Longest wait for a container. Default: 60 seconds. */
  readonly queueTimeoutUs?: number | undefined;
  /** Path of a cost file. Default: the one that ships with socklab. */
  readonly costs?: string | undefined;
  /** Package index; undefined: wheels are on the machine, and nothing is downloaded. */
  readonly index?: string | undefined;
}

/** What to simulate: a trace by its path or name, or a workload in memory, and on what machine. */
export type SimulationOptions = MachineOptions &
  (
    | (WorkloadOptions & { readonly workload?: undefined })
    | {
        readonly workload: Workload;
        readonly trace?: undefined;
        /** Seed of every random draw but the workload's. Default: 1. */
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
  memoryBytes: limit.refine((bytes) => bytes > 0, "0 holds no container").optional(),
  diskBytes: limit.optional(),
  cores: count.max(4096).optional(),
  runsPerCore: limit.optional(),
  queueLimit: limit.optional(),
  queueTimeoutUs: limit.optional(),
  costs: z.string().optional(),
  index: z.string().optional(),
});

/**
 * Simulates a workload in virtual time, as `socklab run` does: equal options give equal digests.
 * Nothing is printed, and nothing is written. The `command` in the result repeats the names of the
 * trace and the policies as they were given; a workload or a policy in memory has no other.
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
 * Reads a trace, cut and joined with packages as `socklab run` does it. The workload can be simulated
 * any number of times: each pass over its arrivals yields the same ones.
 *
 * Errors: InputError naming the file, and the line if there is one.
 */
export function readWorkload(options: WorkloadOptions): Promise<Workload> {
  const { trace, ...given } = checkShape("readWorkload", workloadSchema, options);
  return new WorkloadReader().read(settingsOf(given, trace));
}

/**
 * The results in files and folders that `socklab run --out` and `socklab sweep` have written, in the
 * order given, those of a folder by file name. Every field is checked.
 *
 * Errors: InputError naming the file and the field.
 */
export async function readResults(...paths: readonly string[]): Promise<readonly Result[]> {
  const { sources } = await readResultFiles(paths);
  return sources.map(({ result }) => result);
}

/** The usual run, but for what was given. */
function settingsOf(given: object, trace: string): RunSettings {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...USUAL_RUN, ...Object.fromEntries(named), trace };
}

/** A workload in memory is cut and joined already. Errors: InputError naming the option. */
function refuseCut(options: SimulationOptions): void {
  const { seed: _, ...cut } = workloadShape;
  const wrong = Object.keys(cut).find(
    (name) => options[name as keyof typeof options] !== undefined,
  );
  if (wrong === undefined) return;
  throw new InputError(`simulate: ${wrong}: a workload is given, expected it in readWorkload`);
}

/** How results and errors call policies that no file names. */
function nameOf(policy: Exclude<GivenPolicy, string>): string {
  const parts: readonly (PolicySpec | GivenPreset)[] = Array.isArray(policy) ? policy : [policy];
  return parts.flatMap((part) => ("name" in part ? [part.name] : [])).join("+") || "given";
}
