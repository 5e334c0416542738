import { z } from "zod";
import { resultSchema } from "./result.js";
import { runSchema } from "./run-schema.js";

/** Name of the shape below; a change of meaning changes the number. */
export const FIDELITY_SCHEMA = "socklab.fidelity/1";

const text = (description: string) => z.string().meta({ unit: "text", description });
const count = (description: string) => z.int().nonnegative().meta({ unit: "count", description });
const flag = (description: string) => z.boolean().meta({ unit: "true or false", description });
const number = (unit: string, description: string) => z.number().meta({ unit, description });
const absent = (unit: string, description: string) =>
  z.number().nullable().meta({ unit, description });

/** One measure over pairs of runs; null if no pair has it. */
export const spreadSchema = z.object({
  pairs: count("Pairs of runs that have it."),
  mean: number("ratio", "Mean over these pairs."),
  median: number("ratio", "Median over these pairs."),
  max: number("ratio", "Largest over these pairs."),
});
const spread = (description: string) =>
  spreadSchema.nullable().meta({ unit: "ratio", description });

const replaySchema = z.object({
  events: count("Events of the run's journal."),
  operations: count("Operations that they led to."),
  divergence: z.string().nullable().meta({
    unit: "text",
    description: "The first line on which the replay differs; null: its decisions are equal.",
  }),
});

/** The parts of one run that a comparison needs. */
export const fidelityRunSchema = resultSchema
  .pick({
    invocations: true,
    timesUs: true,
    startupByKindUs: true,
    startupEcdfUs: true,
    memory: true,
    tiers: true,
    warnings: true,
  })
  .extend({
    digest: text("Hash over all operations and their times: equal for equal decisions."),
    commit: text("Commit of socklab that ran; a real run can be from an earlier validation."),
    wallUs: number("microseconds", "Wall time of the run."),
    memoryBytesBySecond: z
      .array(z.number().nonnegative())
      .meta({ unit: "bytes", description: "Mean memory charged in each whole second of the run." }),
    replay: replaySchema.meta({
      description: "The replay: its journal's events, given to a new engine.",
    }),
  });

const measureSchema = z.object({
  name: text("Stable name, for programs."),
  title: text("For people."),
  simAgainstReal: spread("Every simulated run compared with every real one."),
  realAgainstReal: spread(
    "Every real run compared with every other: the noise of the machine; null: one real run.",
  ),
  drawnAgainstReal: spread(
    "Each simulated run whose costs are drawn from those of a real run, compared with that run.",
  ),
  sameAgainstReal: spread(
    "Each simulated run in which every operation has its cost in a real run, compared with that run.",
  ),
});

const matrix = (description: string) =>
  z.array(z.array(z.number().nonnegative())).meta({ unit: "count", description });
const confusionSchema = z.object({
  matrix: matrix(
    "Invocations by how they started. Rows: in the run; columns: in the real run that it is compared with; both in the order of `fates`. Means over the pairs.",
  ),
  agreementShare: number("ratio", "Share of the invocations that started in the same way in both."),
  kappa: absent(
    "ratio",
    "Cohen's kappa: 0: agreement as by chance; 1: full agreement; null: only one kind occurs.",
  ),
});

const tauText = "Kendall's tau of the order of the evictions that both have; null: fewer than two.";
const evictionsSchema = z.object({
  tier: z
    .enum(["handler", "import", "install"])
    .meta({ unit: "text", description: "The cache: containers, Zygotes or packages." }),
  realCount: number("count", "Evictions, mean of the real runs."),
  simCount: number("count", "Evictions, mean of the simulated runs."),
  isSameOrder: flag(
    "Whether every simulated run has the same evictions in the same order as every real one.",
  ),
  commonShare: number(
    "ratio",
    "Length of the longest common subsequence divided by that of the longer sequence, mean over pairs of a simulated and a real run.",
  ),
  tau: absent("ratio", tauText),
  realCommonShare: absent("ratio", "`commonShare` of pairs of real runs; null: one real run."),
  realTau: absent("ratio", tauText),
});

const splitSchema = z.object({
  differenceUs: number("microseconds", "Simulated minus real, mean over all pairs."),
  mixUs: number(
    "microseconds",
    "The part that different decisions cause: different shares of the kinds.",
  ),
  priceUs: number(
    "microseconds",
    "The part that different costs cause: different means of the kinds.",
  ),
});

/**
 * How many operations of a simulated run have a cost measured in a real run, by where it was found.
 */
export const costUseSchema = z.object({
  same: count("Operations with the cost of the same work."),
  alike: count("Operations with the cost of other work of their kind."),
  unknown: count("Operations of a kind that the real run does not have; they take no time."),
});

export const fidelityPolicySchema = z.object({
  label: text("The preset, or the name of the policy file."),
  policy: runSchema.shape.policy.meta({ description: "The policy of each family." }),
  real: z.array(fidelityRunSchema).meta({ description: "Real runs, in the order of the repeats." }),
  sim: z.array(fidelityRunSchema).meta({
    description:
      "Simulated runs: the first as socklab run makes it, each other with newly drawn costs.",
  }),
  measures: z
    .array(measureSchema)
    .meta({ description: "Distances between runs, one row per measure." }),
  confusion: confusionSchema.meta({ description: "Simulated runs compared with real ones." }),
  realConfusion: confusionSchema.nullable().meta({
    unit: "text",
    description:
      "Real runs compared with each other, in the form of `confusion`; null: one real run.",
  }),
  evictions: z.array(evictionsSchema).meta({ description: "What was evicted, one row per cache." }),
  startupSplit: splitSchema.meta({
    description: "Why the simulated mean startup differs from the real one.",
  }),
  drawnCosts: costUseSchema.meta({ description: "Operations of the runs with drawn costs." }),
  sameCosts: costUseSchema.meta({ description: "Operations of the runs with the same costs." }),
});

const rankingSchema = z.object({
  metric: text("The number by which the policies are ranked; less is better."),
  title: text("For people."),
  unit: text("Unit of the values."),
  real: z
    .array(z.number())
    .meta({ unit: "as `unit` says", description: "Mean of the real runs, by policy." }),
  sim: z
    .array(z.number())
    .meta({ unit: "as `unit` says", description: "Mean of the simulated runs, by policy." }),
  realOrder: z.array(z.string()).meta({ unit: "text", description: "Labels, the best first." }),
  simOrder: z.array(z.string()).meta({ unit: "text", description: "The same, simulated." }),
  tau: absent(
    "ratio",
    "Kendall's tau-b of both orders; null: in one of them all policies are equal.",
  ),
  low: absent("ratio", "2.5 % of the taus of resampled repeats are below."),
  high: absent("ratio", "2.5 % of the taus of resampled repeats are above."),
  clearPairs: count("Pairs of policies that all real runs put in the same order."),
  reversedPairs: count("Those of them that the simulated means put in the opposite order."),
});

const boundSchema = z.object({
  name: text("Name of the bound, as given to --bound."),
  title: text("What is bounded."),
  unit: z.enum(["ratio", "pp", "count"]).meta({
    unit: "text",
    description:
      "Unit of limit and values: ratio to the real value, share of all invocations, or pairs.",
  }),
  limit: number("as `unit` says", "The largest value allowed."),
  policy: z.string().nullable().meta({
    unit: "text",
    description: "The policy with the largest value; null: the value is over all policies.",
  }),
  value: absent(
    "as `unit` says",
    "The value for that policy: the mean over all pairs of a simulated and a real run.",
  ),
  noise: absent("as `unit` says", "The mean over all pairs of real runs of that policy."),
  isMet: flag("Whether the value is within the limit for every policy."),
});

/** What `socklab validate` finds: how far the simulator is from the real backend. */
export const fidelitySchema = z.object({
  schema: z
    .literal(FIDELITY_SCHEMA)
    .meta({ unit: "text", description: "Name and version of this shape." }),
  run: runSchema
    .pick({
      trace: true,
      memoryBytes: true,
      diskBytes: true,
      cores: true,
      seed: true,
      options: true,
      commit: true,
      version: true,
      machine: true,
      startedAt: true,
      wallUs: true,
    })
    .extend({
      repeats: count("Real runs of each policy."),
      simRepeats: count("Simulated runs of each policy."),
      invocations: count("Invocations of each run."),
    })
    .meta({ description: "What was run, where, and how often." }),
  isWithin: flag("Whether every bound is met and every journal replays."),
  bounds: z.array(boundSchema).meta({ description: "What is demanded, one row per bound." }),
  fates: z
    .array(z.string())
    .meta({ unit: "text", description: "Rows and columns of the confusion matrices." }),
  policies: z.array(fidelityPolicySchema).meta({ description: "One row per policy." }),
  rankings: z.array(rankingSchema).meta({
    description: "Whether both backends put the policies in the same order; empty for one policy.",
  }),
});

export type Fidelity = z.infer<typeof fidelitySchema>;
export type FidelityRun = z.infer<typeof fidelityRunSchema>;
export type FidelityPolicy = z.infer<typeof fidelityPolicySchema>;
export type BoundResult = z.infer<typeof boundSchema>;
export type RankingResult = z.infer<typeof rankingSchema>;
