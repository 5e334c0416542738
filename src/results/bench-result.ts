import { z } from "zod";
import { machineSchema } from "./run-schema.js";

/** Name of the shape below; a change of meaning changes the number. */
export const BENCH_SCHEMA = "socklab.bench/1";

export const BENCHES = ["containers", "primitives", "provision", "caches", "image"] as const;
export type BenchName = (typeof BENCHES)[number];

const text = (description: string) => z.string().meta({ unit: "text", description });
const value = (description: string) =>
  z.number().nonnegative().meta({ unit: "as the measurement's", description });

/** Quantiles of the samples, and a 95 % interval for their median. */
const spreadSchema = z.object({
  n: z.int().positive().meta({ unit: "count", description: "Samples; outliers are kept." }),
  mean: value("Their mean."),
  p50: value("Median."),
  p90: value("90 % are at most this."),
  p99: value("99 % are at most this."),
  low: value(
    "Lower bound of the median's 95 % interval, by order statistics; n < 6: the least sample.",
  ),
  high: value("Upper bound of that interval; n < 6: the greatest sample."),
});

/** One contender in one case. */
const measurementSchema = z.object({
  contender: text("What was measured: a peer, a technique, a set of caches."),
  version: z.string().nullable().meta({ unit: "text", description: "Its version; null: ours." }),
  does: text("Exactly what one sample did."),
  metric: text("What the samples are, such as `create to answer`. Each drawing shows one metric."),
  unit: z.enum(["us", "1/s", "bytes"]).meta({ unit: "text", description: "Unit of the samples." }),
  parameter: z.string().nullable().meta({
    unit: "text",
    description: "What varies along the drawing's axis, such as `clients`; null: nothing varies.",
  }),
  at: z.number().nullable().meta({
    unit: "as the parameter's",
    description: "The parameter's value here.",
  }),
  status: z.enum(["measured", "skipped", "failed"]).meta({
    unit: "text",
    description: "skipped: it is not on this machine; failed: it broke while it was measured.",
  }),
  reason: z.string().nullable().meta({
    unit: "text",
    description: "Why it was skipped or failed, and the remedy.",
  }),
  spread: spreadSchema.nullable().meta({ description: "null unless it was measured." }),
});

/** One of our contenders compared with another, both measured in this result. */
const ratioSchema = z.object({
  title: text("The claim that it tests."),
  ours: text("Our contender."),
  peer: text("The contender that ours is compared with."),
  ratio: z.number().nullable().meta({
    unit: "factor",
    description:
      "Peer's median divided by ours, or ours divided by the peer's if more is better; null: one of the two was not measured.",
  }),
  low: z.number().nullable().meta({
    unit: "factor",
    description: "Lower bound, from the ends of the medians' intervals that give the least ratio.",
  }),
  high: z.number().nullable().meta({
    unit: "factor",
    description: "Upper bound, from the ends that give the greatest ratio.",
  }),
  paper: z.number().nullable().meta({ unit: "factor", description: "The SOCK paper's value." }),
  aim: z
    .number()
    .nullable()
    .meta({ unit: "factor", description: "The value that we want to reach." }),
});

export const benchSchema = z.object({
  schema: z
    .literal(BENCH_SCHEMA)
    .meta({ unit: "text", description: "Name and version of this shape." }),
  bench: z.enum(BENCHES).meta({ unit: "text", description: "Which of the benches." }),
  command: text("Command line that repeats the bench."),
  machine: machineSchema.meta({ description: "The machine on which it ran." }),
  commit: text("Commit of socklab that ran, or unknown."),
  version: text("Version of socklab that ran."),
  startedAt: text("When it began, ISO 8601 in UTC."),
  wallUs: z.number().meta({ unit: "microseconds", description: "How long it took." }),
  measurements: z
    .array(measurementSchema)
    .meta({ description: "One row per contender and case; the rows of one metric are together." }),
  ratios: z.array(ratioSchema).meta({ description: "Our contenders compared with others." }),
  warnings: z.array(z.string()).meta({
    unit: "text",
    description: "What to know before you compare, one sentence per entry.",
  }),
});

export type Spread = z.infer<typeof spreadSchema>;
export type Measurement = z.infer<typeof measurementSchema>;
export type BenchRatio = z.infer<typeof ratioSchema>;
export type BenchResult = z.infer<typeof benchSchema>;
