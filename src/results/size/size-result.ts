import { z } from "zod";

/** Name of the shape below; a change of meaning changes the number. */
export const SIZE_SCHEMA = "socklab.size/1";

const text = (description: string) => z.string().meta({ unit: "text", description });
const bytes = (description: string) => z.number().positive().meta({ unit: "bytes", description });

const figureSchema = z.object({
  mean: z.number().meta({ unit: "as the goal's", description: "Mean over the seeds." }),
  low: z.number().nullable().meta({
    unit: "as the goal's",
    description: "Lower bound of its 95 % interval; null: one seed.",
  }),
  high: z.number().nullable().meta({ unit: "as the goal's", description: "Upper bound." }),
});

/** The smallest memory with which a policy meets goals, as `socklab size` finds it. */
export const sizeSchema = z.object({
  schema: z
    .literal(SIZE_SCHEMA)
    .meta({ unit: "text", description: "Name and version of this shape." }),
  trace: text("Path of the trace."),
  policy: text("Preset or policy file, with its changes."),
  goals: z.array(text("A goal that each run must meet.")).meta({ description: "All goals." }),
  maxLost: z.number().meta({
    unit: "ratio",
    description: "Largest share of its invocations that a run may lose and still meet the goals.",
  }),
  step: z.number().meta({
    unit: "factor",
    description: "Quotient of neighbouring memory sizes: the resolution of the answer.",
  }),
  version: text("Version of socklab."),
  commit: text("Commit of socklab, or unknown."),
  runs: z.int().meta({ unit: "count", description: "Runs that the search took." }),
  memoryBytes: bytes("The smallest size with which every seed meets the goals.").nullable(),
  mean: figureSchema.nullable().meta({
    description: "The smallest sizes of the seeds, in bytes; null: a seed has none.",
  }),
  seeds: z
    .array(
      z.object({
        seed: z.int().meta({ unit: "integer", description: "The seed." }),
        memoryBytes: bytes(
          "The smallest size that meets the goals; null: no size up to the largest.",
        ).nullable(),
      }),
    )
    .meta({ description: "One row per seed." }),
  curve: z
    .array(
      z.object({
        memoryBytes: bytes("Memory limit."),
        met: z.int().meta({ unit: "count", description: "Seeds that meet all goals." }),
        figures: z.array(figureSchema.nullable()).meta({
          description: "The measure of each goal; null: a run does not have it.",
        }),
      }),
    )
    .meta({ description: "Sizes around the answer." }),
  warnings: z.array(text("What the reader should know.")).meta({ description: "Warnings." }),
});

export type SizeResult = z.infer<typeof sizeSchema>;
