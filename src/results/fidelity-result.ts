import { z } from "zod";
import { resultSchema, runSchema } from "./result.js";

/** Name of the shape below; a change of meaning changes the number. */
export const FIDELITY_SCHEMA = "socklab.fidelity/1";

const text = (description: string) => z.string().meta({ unit: "text", description });
const count = (description: string) => z.int().nonnegative().meta({ unit: "count", description });
const flag = (description: string) => z.boolean().meta({ unit: "true or false", description });
const number = (unit: string, description: string) => z.number().meta({ unit, description });
const absent = (unit: string, description: string) =>
  z.number().nullable().meta({ unit, description });

/** One measure over pairs of runs; null where no pair has it. */
export const spreadSchema = z.object({
  pairs: count("Pairs of runs that have it."),
  mean: number("ratio", "Mean over the pairs."),
  median: number("ratio", "Median over the pairs."),
  max: number("ratio", "Largest of the pairs."),
});
const spread = (description: string) =>
  spreadSchema.nullable().meta({ unit: "ratio", description });

const replaySchema = z.object({
  events: count("Events of the run's journal."),
  operations: count("Operations that they led to."),
  divergence: z.string().nullable().meta({
    unit: "text",
    description: "The first line on which the replay differs; null: it decides the same.",
  }),
});

/** One run, as far as a comparison needs it. */
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
    commit: text("Commit of socklab that ran; a real run may be kept from an earlier validation."),
    wallUs: number("microseconds", "Time the run took on the machine."),
    memoryBytesBySecond: z
      .array(z.number().nonnegative())
      .meta({ unit: "bytes", description: "Mean memory charged in each whole second of the run." }),
    replay: replaySchema.meta({ description: "Its journal, fed to a fresh engine." }),
  });

const measureSchema = z.object({
  name: text("Stable, for programs."),
  title: text("For people."),
  simAgainstReal: spread("Every simulated run against every real one."),
  realAgainstReal: spread(
    "Every real run against every other: the noise of the machine; null where there is one.",
  ),
  drawnAgainstReal: spread(
    "Each simulated run whose costs are drawn from a real run's, against that run.",
  ),
  sameAgainstReal: spread(
    "Each simulated run in which every operation takes what it took in a real run, against that run.",
  ),
});

const matrix = (description: string) =>
  z.array(z.array(z.number().nonnegative())).meta({ unit: "count", description });
const confusionSchema = z.object({
  matrix: matrix(
    "Invocations by how they started: rows in the run, columns in the real run it is held against, both in the order of `fates`; means over the pairs.",
  ),
  agreementShare: number("ratio", "Share of the invocations that started alike."),
  kappa: absent("ratio", "Cohen's kappa: 0 as by chance, 1 all alike; null: one kind alone."),
});

const tauText = "Kendall's tau of the order of what both evicted; null: fewer than two such.";
const evictionsSchema = z.object({
  tier: z
    .enum(["handler", "import", "install"])
    .meta({ unit: "text", description: "The cache: containers, Zygotes or packages." }),
  realCount: number("count", "Evictions, mean of the real runs."),
  simCount: number("count", "Evictions, mean of the simulated runs."),
  isSameOrder: flag(
    "Whether every simulated run evicted the same, in the same order, as every real one.",
  ),
  commonShare: number(
    "ratio",
    "Longest common subsequence over the longer sequence, mean over simulated against real.",
  ),
  tau: absent("ratio", tauText),
  realCommonShare: absent("ratio", "The same of real against real; null: one real run."),
  realTau: absent("ratio", tauText),
});

const splitSchema = z.object({
  differenceUs: number("microseconds", "Simulated less real, mean over all pairs."),
  mixUs: number("microseconds", "The part that other decisions bring: other shares of the kinds."),
  priceUs: number("microseconds", "The part that other costs bring: other means of the kinds."),
});

/** How many operations of a simulated run found a measured cost, and where. */
export const costUseSchema = z.object({
  same: count("Operations that took the cost of the same work."),
  alike: count("Operations that took one of another work of their kind."),
  unknown: count("Operations of a kind that the real run has none of; they take no time."),
});

export const fidelityPolicySchema = z.object({
  label: text("The preset, or the name of the policy file."),
  policy: runSchema.shape.policy.meta({ description: "The policy of each family." }),
  real: z.array(fidelityRunSchema).meta({ description: "Real runs, in the order of the repeats." }),
  sim: z.array(fidelityRunSchema).meta({
    description:
      "Simulated runs: the first as socklab run makes it, the others with costs drawn anew.",
  }),
  measures: z
    .array(measureSchema)
    .meta({ description: "Distances between runs, a row a measure." }),
  confusion: confusionSchema.meta({ description: "Simulated against real." }),
  realConfusion: confusionSchema.nullable().meta({
    unit: "text",
    description: "Real against real, in the same form; null: one real run.",
  }),
  evictions: z.array(evictionsSchema).meta({ description: "What was evicted, a row a cache." }),
  startupSplit: splitSchema.meta({
    description: "Why the simulated mean startup differs from the real one.",
  }),
  drawnCosts: costUseSchema.meta({ description: "Operations of the runs with drawn costs." }),
  sameCosts: costUseSchema.meta({ description: "Operations of the runs with the same costs." }),
});

const rankingSchema = z.object({
  metric: text("What the policies are ranked by; less is better."),
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
  tau: absent("ratio", "Kendall's tau-b of both orders; null: one orders nothing."),
  low: absent("ratio", "2.5 % of the taus of resampled repeats are below."),
  high: absent("ratio", "2.5 % of the taus of resampled repeats are above."),
  clearPairs: count("Pairs of policies that all real runs order alike."),
  reversedPairs: count("Those of them that the simulated means order the other way."),
});

const boundSchema = z.object({
  name: text("Name of the bound, as --bound takes it."),
  title: text("What is bounded."),
  unit: z.enum(["ratio", "pp", "count"]).meta({
    unit: "text",
    description: "Of limit and values: ratio to the real value, share of all invocations, pairs.",
  }),
  limit: number("as `unit` says", "The most that is allowed."),
  policy: z
    .string()
    .nullable()
    .meta({ unit: "text", description: "Where it is furthest from met; null: of all together." }),
  value: absent("as `unit` says", "The value there: the mean over all pairs of runs."),
  noise: absent("as `unit` says", "Real against real there, the mean over all pairs."),
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
  bounds: z.array(boundSchema).meta({ description: "What must hold, a row a bound." }),
  fates: z
    .array(z.string())
    .meta({ unit: "text", description: "Rows and columns of the confusion matrices." }),
  policies: z.array(fidelityPolicySchema).meta({ description: "One row a policy." }),
  rankings: z
    .array(rankingSchema)
    .meta({ description: "Whether both backends order the policies alike; none for one policy." }),
});

export type Fidelity = z.infer<typeof fidelitySchema>;
export type FidelityRun = z.infer<typeof fidelityRunSchema>;
export type FidelityPolicy = z.infer<typeof fidelityPolicySchema>;
export type BoundResult = z.infer<typeof boundSchema>;
export type RankingResult = z.infer<typeof rankingSchema>;
