import { z } from "zod";
import { byteSeconds, bytes, count, limit, ratio, ratioOrNull, text, us } from "./fields.js";
import { PREWARMS_MEANING, prewarmsSchema } from "./prewarms.js";
import { runSchema } from "./run-schema.js";

/** Name of the shape below; a change of meaning changes the number. */
export const RESULT_SCHEMA = "socklab.result/2";

const quantilesShape = {
  count: count("How many times were recorded."),
  mean: us("Exact mean."),
  p50: us("Median. Every quantile is by nearest rank, and exact within quantileError."),
  p90: us("90 % are at most this."),
  p95: us("95 % are at most this."),
  p99: us("99 % are at most this."),
  p999: us("99.9 % are at most this."),
  max: us("Exact maximum."),
};
/** One distribution of times; all numbers are 0 if nothing was recorded. */
export const quantilesSchema = z.object(quantilesShape).meta({ id: "quantiles" });
const times = (description: string) => quantilesSchema.meta({ unit: "microseconds", description });

const timesSchema = z.object({
  startup: times("Arrival to handler ready: queue + provision, over all invocations that started."),
  queue: times("Arrival until a container is chosen or begun, over all invocations that started."),
  provision: times(
    "From the end of the queue time until the handler is ready, over all that started.",
  ),
  install: times("Installation of packages, over the starts that waited for it."),
  create: times("Creation of a container, over the starts that created one."),
  fork: times("Fork of a process from a Zygote, over the starts that forked."),
  import: times("Packages imported in the new process, over the starts that imported any."),
  load: times("Start of the interpreter and load of the handler, over the starts that did it."),
  resume: times(
    "What pausing added to the overhead of a run, over the starts that resumed a container.",
  ),
  run: times(
    "Handler ready to the run's end, with the overhead of the request, over all that started.",
  ),
  response: times("Arrival to end: startup + run, over all invocations that started."),
  lateness: quantilesSchema.optional().meta({
    unit: "microseconds",
    description:
      "Due time of an arrival until the engine received it, over all arrivals of a real run: a part of queue or provision, and of run if the start was warm. Absent: a simulated run.",
  }),
});

/** The counts of starts by kind, of "Invocations" or "Its invocations". */
function kindCounts(who: string) {
  return {
    warm: count(`${who} that started in an idle container.`),
    resumed: count(`${who} that started in a paused container.`),
    delayedWarm: count(`${who} that waited for a busy container, and started in it.`),
    zygote: count(`${who} that started in a fork of a ready Zygote with packages.`),
    zygoteBuilt: count(`${who} that started in a fork of a Zygote that was made first.`),
    rootZygote: count(`${who} that started in a fork of the root Zygote, which was ready.`),
    cold: count(`${who} that started in a container created without a Zygote.`),
  };
}

const startKindsSchema = z.object({
  warm: times("Startup of invocations served by an idle container."),
  resumed: times("Startup of invocations served by a paused container."),
  delayedWarm: times("Startup of invocations that waited for a busy container."),
  zygote: times("Startup of invocations forked from a ready Zygote with packages."),
  zygoteBuilt: times("Startup of invocations that waited until a Zygote was made to be forked."),
  rootZygote: times("Startup of invocations forked from the root Zygote, which was ready."),
  cold: times("Startup of invocations whose container was created without a Zygote."),
});

const ecdfPointSchema = z.object({
  atMostUs: us("A startup time."),
  count: count("Exact number of starts that took at most that."),
});

export const tierSchema = z.object({
  hits: count("Lookups that found what they needed."),
  misses: count("Lookups that did not find it."),
  hitRatio: ratioOrNull("hits / (hits + misses); null: there was no lookup."),
  insertions: count("Number of times that something entered the tier."),
  evictions: count("Number of times that something left it because memory or disk was short."),
  expirations: count("Number of times that something left it because its time was over."),
  bytesPeak: bytes("Most bytes charged to it at one time of the measured part."),
  bytesMean: bytes("Bytes charged to it, averaged over the measured part."),
});

const handlerTierSchema = tierSchema.extend({
  hitRatioOfStarted: ratioOrNull(
    "hits / invocations that started; null: no invocation started. It looks good if the machine loses the others.",
  ),
  costWeightedHitRatio: ratioOrNull(
    "hits / invocations, each weighted by the time of a cold start of its function on an idle machine, by the cost file; null: no invocation arrived, or no cold start costs time.",
  ),
});

const importTierSchema = tierSchema.extend({
  packagesNeeded: count("Packages of the closures of all lookups."),
  packagesFound: count(
    "Those of them that the chosen Zygote had imported, or its nearest ancestor that was ready.",
  ),
  packageHitRatio: ratioOrNull("packagesFound / packagesNeeded; null: no package was needed."),
  importNeededUs: us("CPU time to import packagesNeeded, by the catalogue."),
  importSavedUs: us("CPU time to import packagesFound, by the catalogue: the time saved."),
});

const coldStartsSchema = z.object({
  count: count(
    "Starts for which a container was made: zygote, zygoteBuilt, rootZygote and cold together.",
  ),
  share: ratioOrNull(
    "count / invocations. Invocations that never started are in the denominator, as in every share of a run or a function. null: no invocation arrived.",
  ),
  shareOfStarted: ratioOrNull("count / invocations that started; null: no invocation started."),
  provisionUs: us("Cold-start time: the sum of the provision times of these starts."),
  functionShareP75: ratioOrNull(
    "75th percentile, by nearest rank, of the functions' cold shares; each invoked function counts once.",
  ),
  applicationShareP75: ratioOrNull(
    "75th percentile, by nearest rank, of the applications' cold shares; each invoked application counts once.",
  ),
});

const minuteSchema = z.object({
  atUs: us("End of the minute, when memory and queue were read."),
  arrivals: count("Invocations that arrived in the minute."),
  cold: count("Invocations that started cold."),
  zygote: count("Invocations that started from a ready Zygote with packages."),
  zygoteBuilt: count("Invocations that started from a Zygote that was made first."),
  rootZygote: count("Invocations that started from the root Zygote."),
  warm: count("Invocations that started warm, resumed or delayed-warm."),
  lost: z.optional(z.int()).meta({ unit: "count", description: "Invocations lost, if known." }),
  runningBytes: bytes("Memory of containers that are being created, run, or are being destroyed."),
  handlerBytes: bytes("Memory of idle and paused containers."),
  zygoteBytes: bytes("Memory of Zygotes."),
  queueLength: count("Invocations waiting."),
});

const functionSchema = z.object({
  name: text("Name in the trace."),
  application: text("Application in the trace."),
  owner: text("Owner in the trace; empty: the trace names no owners."),
  trigger: text("What invokes it, as the trace says: `http`, `timer`, ... or `unknown`."),
  invocations: count("Its invocations with any outcome: its starts and neverStarted together."),
  ...kindCounts("Its invocations"),
  neverStarted: count("Its invocations that no handler ever ran."),
  coldShare: ratio("zygote, zygoteBuilt, rootZygote and cold together / invocations."),
  startupUs: z
    .object({
      p50: us("Median startup."),
      p75: us("75 % of its startups are at most this."),
      p90: us("90 % of its startups are at most this."),
      p95: us("95 % of its startups are at most this."),
      p99: us("99 % of its startups are at most this."),
    })
    .meta({ unit: "microseconds", description: "Startup of its invocations that started." }),
});

const zygoteSchema = z.object({
  id: z.int().nonnegative().meta({ unit: "integer", description: "Its id in this result." }),
  parent: z.int().nonnegative().nullable().meta({
    unit: "integer",
    description: "The Zygote from which it was forked; null: it was started as a new interpreter.",
  }),
  packages: z
    .array(z.string())
    .meta({ unit: "text", description: "Packages that it adds to its parent's: name==version." }),
  bytes: bytes("Memory charged to it: what it adds to its parent's."),
  forks: count("Containers forked from it since it was created."),
});

const warningSchema = z.object({
  code: text("Stable code of the kind of warning, for programs."),
  text: text("The warning, in the words of its first occurrence."),
  count: count("How often it occurred."),
});

const measuredSchema = z.object({
  fromUs: us(
    "End of the warm-up. Figures leave out invocations that arrived before, events before, and memory before.",
  ),
  untilUs: us(
    "End of the trace's span. Later invocations do not exist; figures leave out later memory.",
  ),
  invocationsBefore: count("Invocations that arrived in the warm-up."),
});

/** The whole result of a run. Reports read only this object. */
export const resultSchema = z.object({
  schema: z
    .literal(RESULT_SCHEMA)
    .meta({ unit: "text", description: "Name and version of this shape." }),
  run: runSchema.meta({ description: "What ran, on which machine, and with which settings." }),
  measured: measuredSchema.meta({ description: "The part of the run that the figures cover." }),
  quantileError: ratio("Largest relative error of the quantiles below: half a histogram bucket."),
  invocations: z
    .object({
      total: count("Invocations that arrived; the four outcomes sum to it."),
      completed: count("Their handler returned."),
      failed: count("Their container could not be created, or their run failed."),
      timedOut: count("Waited or ran longer than allowed."),
      rejected: count("The wait queue was full, or they could never fit in memory."),
      ...kindCounts("Invocations"),
    })
    .meta({
      description:
        "Each invocation of the measured part, once by how it ended, and once by how it started if it did.",
    }),
  coldStarts: coldStartsSchema.meta({ description: "Starts that were not warm." }),
  timesUs: timesSchema.meta({ description: "Where the time went, over the whole run." }),
  startupByKindUs: startKindsSchema.meta({
    description: "Startup times by how invocations started.",
  }),
  startupEcdfUs: z.array(ecdfPointSchema).meta({
    description: "Distribution of the startup of all starts, in at most 200 points.",
  }),
  memory: z
    .object({
      limitBytes: limit("bytes", "Memory limit"),
      peakBytes: bytes("Most memory charged at one time of the measured part."),
      meanBytes: bytes("Memory charged, averaged over the measured part."),
      runningByteSeconds: byteSeconds(
        "Memory x time of containers that are being created, run, or are being destroyed.",
      ),
      handlerByteSeconds: byteSeconds("Memory x time of idle and paused containers."),
      zygoteByteSeconds: byteSeconds(
        "Memory x time of Zygotes, and of pages of dead Zygotes that are still shared.",
      ),
      zygoteInUseByteSeconds: byteSeconds(
        "The part of zygoteByteSeconds in pages that a container shares while it is being created or runs.",
      ),
      wastedByteSeconds: byteSeconds("Memory x time that is idle: handler + zygote - zygoteInUse."),
    })
    .meta({
      description: "Memory of the worker in the measured part, as charged by its ledger.",
    }),
  tiers: z
    .object({
      handler: handlerTierSchema.meta({
        description:
          "Idle and paused containers. Every invocation is a lookup, also one that never started; warm and resumed are hits.",
      }),
      import: importTierSchema.meta({
        description:
          "Zygotes. Looked up once by each invocation for which a container is begun and whose function has packages, when its Zygote is first chosen; a hit: the Zygote is ready and has packages of the closure.",
      }),
      install: tierSchema.meta({
        description:
          "Packages on disk. Looked up once per package that an invocation's provisioning needs from disk; packages inherited from a Zygote are not looked up.",
      }),
    })
    .meta({ description: "The three caches." }),
  prewarms: prewarmsSchema.optional().meta({ description: PREWARMS_MEANING }),
  zygotes: z.array(zygoteSchema).meta({
    description: "The Zygotes alive at the end of the run; a parent comes before its children.",
  }),
  timeline: z
    .array(minuteSchema)
    .meta({ description: "One row per minute of the whole run, the warm-up included." }),
  functions: z.array(functionSchema).meta({ description: "One row per invoked function." }),
  warnings: z.array(warningSchema).meta({ description: "Doubts about the run, one row per code." }),
});

export type Result = z.infer<typeof resultSchema>;
export type Quantiles = z.infer<typeof quantilesSchema>;
export type EcdfPoint = z.infer<typeof ecdfPointSchema>;
export type ZygoteResult = z.infer<typeof zygoteSchema>;
export type Minute = z.infer<typeof minuteSchema>;
export type TierResult = z.infer<typeof tierSchema>;
export type HandlerTierResult = z.infer<typeof handlerTierSchema>;
export type ImportTierResult = z.infer<typeof importTierSchema>;
export type FunctionResult = z.infer<typeof functionSchema>;
