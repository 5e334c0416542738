import { z } from "zod";

/** Name of the shape below; a change of meaning changes the number. */
export const BOUND_SCHEMA = "socklab.bound/1";

const text = (description: string) => z.string().meta({ unit: "text", description });
const count = (description: string) => z.int().nonnegative().meta({ unit: "count", description });
const ratio = (description: string) =>
  z.number().min(0).max(1).meta({ unit: "ratio", description });

/** What no policy betters at one memory size. */
const boundPointSchema = z.object({
  memoryBytes: z
    .number()
    .nullable()
    .meta({ unit: "bytes", description: "Memory limit; null: unlimited." }),
  misses: count("Invocations that no kept container can serve, at least, if containers are whole."),
  hitRatio: ratio("The others: share of all invocations, at most."),
  coldStartUs: z.number().nonnegative().meta({
    unit: "microseconds",
    description:
      "Time of cold starts, at least: each miss takes the median on an idle machine. Its misses are chosen for it, so it does not follow from `misses`.",
  }),
  forkedMisses: count(
    "Misses, at least, if each container shares a Zygote with all of its packages.",
  ),
  forkedHitRatio: ratio("The others: share of all invocations, at most."),
});

/** Bounds that `socklab bound` computes of a trace, for any policy. */
export const boundSchema = z.object({
  schema: z
    .literal(BOUND_SCHEMA)
    .meta({ unit: "text", description: "Name and version of this shape." }),
  method: text("How the bounds are computed, and for which policies they hold."),
  trace: text("Path of the trace."),
  unit: text("What one container serves: function or application."),
  functions: z.int().nullable().meta({
    unit: "count",
    description: "Functions sampled from the trace; null: all of them.",
  }),
  fromMinute: z
    .number()
    .meta({ unit: "minutes", description: "First minute of the trace, from 0." }),
  minutes: z
    .number()
    .nullable()
    .meta({ unit: "minutes", description: "Minutes of the trace; null: to its end." }),
  warmupMinutes: z
    .number()
    .meta({ unit: "minutes", description: "First minutes that the figures leave out." }),
  speedup: z.number().meta({ unit: "factor", description: "How much faster arrivals come." }),
  placement: text("Where a minute's invocations are placed."),
  runTimes: text("Where run times come from."),
  seed: z.number().meta({ unit: "integer", description: "Seed of every random draw." }),
  costs: text("Cost model file, or default."),
  version: text("Version of socklab."),
  commit: text("Commit of socklab, or unknown."),
  invocations: count("Invocations of the trace."),
  firstUses: count(
    "Invocations for which there never was a container before, whatever is kept: misses also with unlimited memory.",
  ),
  points: z.array(boundPointSchema).meta({ description: "One row per memory size." }),
});

export type TraceBound = z.infer<typeof boundSchema>;
export type BoundPoint = z.infer<typeof boundPointSchema>;
