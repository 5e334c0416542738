import { z } from "zod";
import { InputError } from "../../basics/errors.js";
import type { Footprint } from "../../contract/policy.js";

export const COSTS_SCHEMA = "socklab.costs/2";

/** Most values kept of a measured distribution. */
export const MOST_SAMPLES = 200;

const amount = z.number().nonnegative();

const cost = z.strictObject({
  value: amount.meta({ description: "median" }),
  spread: z
    .number()
    .min(1)
    .meta({ description: "99th percentile over median; 1: always the median" }),
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
        "evenly spaced quantiles of what was measured, least and largest included; draws follow it, and not value and spread",
    }),
});

const positive = cost.refine((entry) => entry.value > 0, { message: "value must be above 0" });
const share = z.number().min(-1).max(1);

const costsSchema = z.strictObject({
  schema: z.literal(COSTS_SCHEMA),
  machine: z.string(),
  /** Where and when the file was measured; absent: put together by hand. */
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
    /** Container from a Zygote: from the instant it is due until the Zygote has the request. */
    containerCreate: cost,
    /** Container from nothing: until its interpreter runs. */
    freshCreate: cost,
    /** Fork and confinement of a container: the floor, and so much for every MiB it inherits. */
    forkFloor: cost,
    forkPerMib: cost,
    /** Import of one package: the fixed part, and a factor on the catalogue's time. */
    importFixed: cost,
    /** What the first import of a forked process takes more: pages of the machinery that it has yet to copy. */
    importFirst: cost,
    importScale: cost,
    /** Reading and running the handler's code, forked and fresh, and for every MiB it keeps. */
    load: cost,
    freshLoad: cost,
    loadPerMib: cost,
    /** From the handler's readiness until the engine hears of it. */
    ready: cost,
    /** A Zygote forked from another: until the parent has the request, fork, and what comes after the imports. */
    zygoteCreate: cost,
    zygoteForkFloor: cost,
    zygoteLoad: cost,
    zygoteReady: cost,
    /** A Zygote from nothing: until its interpreter runs. */
    freshZygoteCreate: cost,
    /** What comes after its imports: more than in one that is forked, which finds itself warmed up. */
    freshZygoteLoad: cost,
    containerDestroy: cost,
    zygoteDestroy: cost,
    /** What every MiB adds: of packages it imported itself, of packages it inherited, of what its handler keeps. */
    destroyPerMib: cost,
    destroyPerInheritedMib: cost,
    destroyPerKeptMib: cost,
    pause: cost,
    /** All that a run takes besides the handler's own time: of a warm container, the first of a new one, a paused one. */
    request: cost,
    firstRequest: cost,
    resume: cost,
    /** The handler's own time against what was asked for: an addition (also in a first run), and a factor. */
    runFixed: cost,
    firstRunFixed: cost,
    runScale: positive,
    /** Installing one package: the fixed part, and a factor on the catalogue's time. */
    installFixed: cost,
    installScale: cost,
    uninstall: cost,
    /** Cores kept busy by a creation outside of imports, and by an install. */
    creationDemand: positive,
    installDemand: positive,
    /** Cores a running handler keeps busy, on average: the workload's, not the machine's. */
    runCpuDemand: positive,
    downloadBandwidth: positive,
    diskBandwidth: positive,
    /** Installs that run at once; a whole number. */
    installConcurrency: cost.refine((entry) => Number.isInteger(entry.value) && entry.value > 0, {
      message: "value must be a whole number above 0",
    }),
    /** Bytes of a root Zygote. */
    interpreterMemory: cost,
    /** Bytes of a container from nothing, without packages and a handler's memory. */
    freshPrivateMemory: cost,
    /** Bytes of its own that a forked container has, without packages and a handler's memory. */
    forkPrivateMemory: cost,
    /** Bytes of its own that a forked Zygote has, without its packages. */
    zygotePrivateMemory: cost,
    /** Factor on the catalogue's bytes of a package. */
    importMemoryScale: cost,
    /** Bytes of its own (page tables) for every byte a fork inherits. */
    inheritedMemoryScale: cost,
  }),
  /** How work that runs together slows down; absent: as cores shared without loss. */
  contention: z
    .strictObject({
      /** Jobs that each want one whole core: speed of each, alone on the machine is 1. By rising jobs. */
      burn: z.array(z.strictObject({ jobsPerCore: z.number().positive(), speed: positiveShare() })),
      /** Containers forked at once from one Zygote: their median time over that of one alone. */
      creations: z.array(
        z.strictObject({ atOnce: z.int().positive(), slowdown: z.number().positive() }),
      ),
    })
    .optional(),
  /** Rank correlations of what was measured together; absent: none. */
  correlation: z
    .strictObject({
      /** Between the parts of one creation. */
      withinOperation: share,
      /** Between creations that follow each other. */
      betweenOperations: share,
    })
    .optional(),
  /** Measured and not used by the model. */
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

/** Reads a cost file's text. Errors: InputError naming the file and the field. */
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

/** The part of the costs that decides memory: the engine reserves by it. */
export function footprintOf(costs: Costs): Footprint {
  return {
    interpreterBytes: Math.round(costs.costs.interpreterMemory.value),
    forkPrivateBytes: Math.round(costs.costs.forkPrivateMemory.value),
  };
}

/** The same costs where packages come from a folder of this machine: nothing is downloaded. */
export function withLocalPackages(costs: Costs): Costs {
  const { downloadBandwidth } = costs.costs;
  const local = { ...downloadBandwidth, value: Number.MAX_SAFE_INTEGER };
  return { ...costs, costs: { ...costs.costs, downloadBandwidth: local } };
}

/** Factors on the catalogue's times: without times they are 0 too. */
const TIME_SCALES: readonly CostName[] = ["importScale", "installScale"];

/** The same costs with every time set to nothing: for bounds that look at decisions alone. */
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
