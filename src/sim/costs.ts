import { z } from "zod";
import { InputError } from "../engine/errors.js";
import type { Footprint } from "../engine/policy.js";

const cost = z.strictObject({
  value: z.number().nonnegative().meta({ description: "median" }),
  spread: z
    .number()
    .min(1)
    .meta({ description: "99th percentile over median; 1: always the median" }),
  unit: z.enum(["us", "us/MiB", "ratio", "bytes", "bytes/s", "count"]),
  source: z.string().min(1),
});

const positive = cost.refine((entry) => entry.value > 0, { message: "value must be above 0" });

const costsSchema = z.strictObject({
  schema: z.literal("socklab.costs/1"),
  machine: z.string(),
  costs: z.strictObject({
    /** Root, mounts, ids, seccomp of a lean container made from pooled parts. */
    containerCreate: cost,
    /** Entering pooled cgroups. */
    cgroup: cost,
    containerDestroy: cost,
    zygoteDestroy: cost,
    /** A fresh interpreter, up to its first line. */
    interpreterStart: cost,
    /** Fork of a Zygote: so much for every MiB the child inherits, and never less than the floor. */
    forkPerMib: cost,
    forkFloor: cost,
    /** Reading and running the handler's code, and listening. */
    load: cost,
    pause: cost,
    resume: cost,
    /** A request's way into a warm handler and back. */
    request: cost,
    uninstall: cost,
    /** Factors on the catalogue's times. */
    importScale: cost,
    installScale: cost,
    /** Cores a running handler keeps busy, on average. */
    runCpuDemand: positive,
    downloadBandwidth: positive,
    diskBandwidth: positive,
    /** Installs that run at once; a whole number. */
    installConcurrency: cost.refine((entry) => Number.isInteger(entry.value) && entry.value > 0, {
      message: "value must be a whole number above 0",
    }),
    interpreterMemory: cost,
    forkPrivateMemory: cost,
  }),
});

export type Cost = z.infer<typeof cost>;
export type Costs = z.infer<typeof costsSchema>;
export type CostName = keyof Costs["costs"];

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
  const issue = parsed.error.issues[0]!;
  throw new InputError(
    `${path}: ${issue.path.join(".") || "top level"}: ${issue.message}; a cost file looks like costs.json of this project`,
  );
}

/** The part of the costs that decides memory: the engine reserves by it. */
export function footprintOf(costs: Costs): Footprint {
  return {
    interpreterBytes: Math.round(costs.costs.interpreterMemory.value),
    forkPrivateBytes: Math.round(costs.costs.forkPrivateMemory.value),
  };
}

/** The same costs with every time set to nothing: for bounds that look at decisions alone. */
export function withoutTimes(costs: Costs): Costs {
  const isTime = (unit: Cost["unit"]) => unit === "us" || unit === "us/MiB";
  const names = Object.keys(costs.costs) as CostName[];
  const free = names.map((name) => {
    const entry = costs.costs[name];
    const isScale = name === "importScale" || name === "installScale";
    return [name, isTime(entry.unit) || isScale ? { ...entry, value: 0, spread: 1 } : entry];
  });
  return { ...costs, costs: Object.fromEntries(free) as Costs["costs"] };
}
