import { z } from "zod";
import { InputError } from "../../basics/errors.js";
import type { Footprint } from "../../contract/footprint.js";

export const COSTS_SCHEMA = "socklab.costs/2";

/** The most values that are kept of a measured distribution. */
export const MOST_SAMPLES = 200;

const amount = z.number().nonnegative();

const cost = z
  .strictObject({
    value: amount.meta({ description: "median" }),
    spread: z
      .number()
      .min(1)
      .meta({ description: "99th percentile divided by the median; 1: always the median" }),
    unit: z.enum(["us", "us/MiB", "ratio", "bytes", "bytes/s", "count"]),
    source: z.string().min(1),
    n: z.int().positive().optional().meta({ description: "measured values; absent: not measured" }),
    low: amount.optional().meta({ description: "lower bound of the median's 95 % interval" }),
    high: amount.optional().meta({ description: "upper bound of the median's 95 % interval" }),
    sample: z
      .array(amount)
      .min(2)
      .max(MOST_SAMPLES)
      .refine((values) => values.every((value, at) => at === 0 || value >= values[at - 1]), {
        message: "values must rise",
      })
      .optional()
      .meta({
        description:
          "evenly spaced quantiles of the measured values, from the least to the largest; draws follow them, and not value and spread",
      }),
  })
  .meta({ id: "cost" });

const positive = cost.refine((entry) => entry.value > 0, { message: "value must be above 0" });
const share = z.number().min(-1).max(1);

/** The shape of a cost file. */
export const costsSchema = z.strictObject({
  schema: z.literal(COSTS_SCHEMA),
  machine: z.string(),
  /** Where and when the costs were measured; absent: the file was written by hand. */
  measured: z
    .strictObject({
      cpu: z.string(),
      cores: z.int().positive(),
      kernel: z.string(),
      python: z.string(),
      node: z.string(),
      date: z.iso.datetime(),
      version: z.string(),
      commit: z.string(),
    })
    .optional(),
  costs: z.strictObject({
    /** Container from a Zygote: from the operation until the Zygote has the request. */
    containerCreate: cost,
    /** Container without a Zygote: from the operation until its interpreter runs. */
    freshCreate: cost,
    /** Fork and confinement of a container: a fixed part, and a part per MiB that it inherits. */
    forkFloor: cost,
    forkPerMib: cost,
    /** Import of one package: a fixed part, and a factor on the catalogue's time. */
    importFixed: cost,
    /** Addition for the first import of a forked process: it copies pages of the import system. */
    importFirst: cost,
    importScale: cost,
    /** Reading and running the handler's code, forked and fresh; an addition per MiB it keeps. */
    load: cost,
    freshLoad: cost,
    loadPerMib: cost,
    /** From the handler's readiness until the completion. */
    ready: cost,
    /** Forked Zygote: until the parent has the request, the fork, the time after the imports. */
    zygoteCreate: cost,
    zygoteForkFloor: cost,
    zygoteLoad: cost,
    zygoteReady: cost,
    /** Zygote without a parent: until its interpreter runs. */
    freshZygoteCreate: cost,
    /** Its time after the imports, longer than in a forked Zygote, whose memory is warm already. */
    freshZygoteLoad: cost,
    containerDestroy: cost,
    zygoteDestroy: cost,
    /** Additions per MiB: imported by the process, inherited by it, kept by its handler. */
    destroyPerMib: cost,
    destroyPerInheritedMib: cost,
    destroyPerKeptMib: cost,
    pause: cost,
    /**
     * Overhead of a run: in a warm container, in a new one, and in a paused one. The last contains
     * the first: what pausing costs is the difference.
     */
    request: cost,
    firstRequest: cost,
    resume: cost,
    /** The handler's time: an addition to the requested time, in a first run another; a factor. */
    runFixed: cost,
    firstRunFixed: cost,
    runScale: positive,
    /** Installing one package: a fixed part, and a factor on the catalogue's time. */
    installFixed: cost,
    installScale: cost,
    uninstall: cost,
    /** Cores kept busy by a creation outside its imports, and by an install. */
    creationDemand: positive,
    installDemand: positive,
    /** Cores that a running handler keeps busy on average: a property of the workload. */
    runCpuDemand: positive,
    downloadBandwidth: positive,
    diskBandwidth: positive,
    /** Installs that run at once; a whole number. */
    installConcurrency: cost.refine((entry) => Number.isInteger(entry.value) && entry.value > 0, {
      message: "value must be a whole number above 0",
    }),
    /** Bytes of a root Zygote. */
    interpreterMemory: cost,
    /** Bytes of a container without a Zygote, except packages and the handler's memory. */
    freshPrivateMemory: cost,
    /** Unshared bytes of a forked container, except packages and the handler's memory. */
    forkPrivateMemory: cost,
    /** Unshared bytes of a forked Zygote, except its packages. */
    zygotePrivateMemory: cost,
    /** Factor on the catalogue's bytes of a package. */
    importMemoryScale: cost,
    /** Unshared bytes (page tables) per byte that a fork inherits. */
    inheritedMemoryScale: cost,
  }),
  /** How much concurrent work slows down; absent: cores are shared without loss. */
  contention: z
    .strictObject({
      /**
       * Speed of each of several jobs that want one whole core each, in ascending order of jobs.
       * A single job has speed 1.
       */
      burn: z.array(z.strictObject({ jobsPerCore: z.number().positive(), speed: positiveShare() })),
      /** Containers forked at once from one Zygote: their median time relative to a single one. */
      creations: z.array(
        z.strictObject({ atOnce: z.int().positive(), slowdown: z.number().positive() }),
      ),
    })
    .optional(),
  /** Rank correlations between values that were measured together; absent: no correlation. */
  correlation: z
    .strictObject({
      /** Between the parts of one creation. */
      withinOperation: share,
      /** Between creations that follow each other. */
      betweenOperations: share,
    })
    .optional(),
  /** Measured, but not used by the model. */
  observed: z.record(z.string(), cost).optional(),
});

function positiveShare() {
  return z.number().positive().max(1.5);
}

export type Cost = z.infer<typeof cost>;
export type Costs = z.infer<typeof costsSchema>;
export type CostName = keyof Costs["costs"];
export type Contention = NonNullable<Costs["contention"]>;
export type Correlation = NonNullable<Costs["correlation"]>;

/** Reads a cost file's text. Errors: InputError that names the file and the field. */
export function parseCosts(text: string, path: string): Costs {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(
      `${path}: not JSON (${(error as Error).message}); a cost file looks like costs.json of this project`,
    );
  }
  const parsed = costsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InputError(
    `${path}: ${issue.path.join(".") || "top level"}: ${issue.message}; a cost file looks like costs.json of this project, and socklab calibrate writes one`,
  );
}

/** The memory costs by which the engine reserves memory. */
export function footprintOf(costs: Costs): Footprint {
  return {
    interpreterBytes: Math.round(costs.costs.interpreterMemory.value),
    forkPrivateBytes: Math.round(costs.costs.forkPrivateMemory.value),
  };
}

/** What a pause adds to a run beyond the thaw; 0 if the costs were measured without it. */
export function wakeUsOf({ observed }: Costs): number {
  return Math.round(observed?.["wake"]?.value ?? 0);
}

/** The costs of a run whose packages come from a folder of this machine: nothing is downloaded. */
export function withLocalPackages(costs: Costs): Costs {
  const { downloadBandwidth } = costs.costs;
  const local = { ...downloadBandwidth, value: Number.MAX_SAFE_INTEGER };
  return { ...costs, costs: { ...costs.costs, downloadBandwidth: local } };
}

/** Factors on the catalogue's times, which are 0 if all times are. */
const TIME_SCALES: readonly CostName[] = ["importScale", "installScale"];

/** The costs with every time set to 0, for bounds that concern decisions alone. */
export function withoutTimes(costs: Costs): Costs {
  const isTime = (name: CostName) =>
    ["us", "us/MiB"].includes(costs.costs[name].unit) || TIME_SCALES.includes(name);
  const names = Object.keys(costs.costs) as CostName[];
  const free = names.map((name) => {
    const { sample: _, ...entry } = costs.costs[name];
    if (name === "runScale") return [name, { ...entry, value: 1, spread: 1 }];
    return [name, isTime(name) ? { ...entry, value: 0, spread: 1 } : costs.costs[name]];
  });
  const { contention: _, ...rest } = costs;
  return { ...rest, costs: Object.fromEntries(free) as Costs["costs"] };
}
