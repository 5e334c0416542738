import { z } from "zod";
import { machineSchema } from "./result.js";

/** Name of the shape below; a change of meaning changes the number. */
export const BENCH_SCHEMA = "socklab.bench/1";

export const BENCHES = ["containers", "primitives", "provision", "caches", "image"] as const;
export type BenchName = (typeof BENCHES)[number];

const text = (description: string) => z.string().meta({ unit: "text", description });
const value = (description: string) =>
  z.number().nonnegative().meta({ unit: "as the measurement's", description });

/** Of what was sampled: quantiles and a 95 % interval for the median. */
const spreadSchema = z.object({
  n: z.int().positive().meta({ unit: "count", description: "Samples; outliers are kept." }),
  mean: value("Their mean."),
  p50: value("Median."),
  p90: value("90 % are at most this."),
  p99: value("99 % are at most this."),
  low: value("Lower bound of the median's 95 % interval, by order statistics; n < 6: the least."),
  high: value("Upper bound of it; n < 6: the most."),
});

/** One contender in one case. */
const measurementSchema = z.object({
  contender: text("What was measured: a peer, a technique, a set of caches."),
  version: z.string().nullable().meta({ unit: "text", description: "Its version; null: ours." }),
  does: text("What one sample did, exactly."),
  metric: text("What the samples are, such as `create to answer`; a drawing has one metric."),
  unit: z.enum(["us", "1/s", "bytes"]).meta({ unit: "text", description: "Unit of the samples." }),
  parameter: z.string().nullable().meta({
    unit: "text",
    description: "What varies along the drawing's axis, such as `clients`; null: nothing does.",
  }),
  at: z.number().nullable().meta({
    unit: "as the parameter's",
    description: "The parameter's value here.",
  }),
  status: z.enum(["measured", "skipped", "failed"]).meta({
    unit: "text",
    description: "skipped: it is not on this machine; failed: it broke half-way.",
  }),
  reason: z.string().nullable().meta({
    unit: "text",
    description: "Why it was skipped or failed, and how to get it.",
  }),
  spread: spreadSchema.nullable().meta({ description: "null unless it was measured." }),
});

/** Ours against another, both of this result. */
const ratioSchema = z.object({
  title: text("Which claim it tests."),
  ours: text("Contender that is ours."),
  peer: text("Contender it is set against."),
  ratio: z.number().nullable().meta({
    unit: "factor",
    description:
      "Peer's median over ours (ours over the peer's, where more is better); null: one of both was not measured.",
  }),
  low: z.number().nullable().meta({
    unit: "factor",
    description: "Lower bound, from the ends of the medians' intervals that make it least.",
  }),
  high: z.number().nullable().meta({
    unit: "factor",
    description: "Upper bound, from those that make it most.",
  }),
  paper: z.number().nullable().meta({ unit: "factor", description: "What the SOCK paper states." }),
  aim: z.number().nullable().meta({ unit: "factor", description: "What we mean to reach." }),
});

export const benchSchema = z.object({
  schema: z
    .literal(BENCH_SCHEMA)
    .meta({ unit: "text", description: "Name and version of this shape." }),
  bench: z.enum(BENCHES).meta({ unit: "text", description: "Which of the benches." }),
  command: text("Command line that makes it again."),
  machine: machineSchema.meta({ description: "Where it ran." }),
  commit: text("Commit of socklab that ran, or unknown."),
  version: text("Version of socklab that ran."),
  startedAt: text("When it began, ISO 8601 in UTC."),
  wallUs: z.number().meta({ unit: "microseconds", description: "How long it took." }),
  measurements: z
    .array(measurementSchema)
    .meta({ description: "One contender in one case each, those of one metric together." }),
  ratios: z.array(ratioSchema).meta({ description: "Ours against others." }),
  warnings: z
    .array(z.string())
    .meta({ unit: "text", description: "What to know before comparing, a sentence each." }),
});

export type Spread = z.infer<typeof spreadSchema>;
export type Measurement = z.infer<typeof measurementSchema>;
export type BenchRatio = z.infer<typeof ratioSchema>;
export type BenchResult = z.infer<typeof benchSchema>;
