import { z } from "zod";
import { PREWARMS_MEANING, prewarmsSchema } from "./prewarms.js";

/** Name of the shape below; a change of meaning changes the number. */
export const RESULT_SCHEMA = "socklab.result/1";

const text = (description: string) => z.string().meta({ unit: "text", description });
const count = (description: string) => z.int().nonnegative().meta({ unit: "count", description });
const us = (description: string) =>
  z.number().nonnegative().meta({ unit: "microseconds", description });
const bytes = (description: string) =>
  z.number().nonnegative().meta({ unit: "bytes", description });
const byteSeconds = (description: string) =>
  z.number().nonnegative().meta({ unit: "byte-seconds", description });
const ratio = (description: string) =>
  z.number().min(0).max(1).meta({ unit: "ratio", description });
const number = (unit: string, description: string) =>
  z.number().nonnegative().meta({ unit, description });
/** null stands for "no limit": JSON has no Infinity. */
const limit = (unit: string, description: string) =>
  z
    .number()
    .nonnegative()
    .nullable()
    .meta({ unit, description: `${description}; null: unlimited.` });

export const choiceSchema = z.object({
  name: text("Name of the policy, or the path of the file it was read from."),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])).meta({
    unit: "as declared",
    description:
      "Every parameter with the value used: durations in microseconds, sizes in bytes; null: unlimited.",
  }),
});

const policySchema = z.object({
  preset: text("Preset on which the choice is based, or the path of the file that names it."),
  zygote: choiceSchema.meta({ description: "Which Zygotes are forked, and which are created." }),
  evict: choiceSchema.meta({ description: "What is evicted under memory pressure." }),
  keepAlive: choiceSchema.meta({ description: "How long an idle container is kept." }),
  install: choiceSchema.meta({ description: "Which packages stay on disk." }),
  dispatch: choiceSchema.meta({
    description: "Which container serves, and whether the invocation waits for a busy one.",
  }),
});

export const machineSchema = z.object({
  cpu: text("Model name of the processor."),
  cores: count("Logical processors of that machine."),
  memoryBytes: bytes("Physical memory of that machine."),
  kernel: text("Operating system, kernel release and architecture."),
  node: text("Version of Node."),
});

/** The settings of a run except the machine's size and the policies. */
export const optionsSchema = z.object({
  functions: z.int().nullable().meta({
    unit: "count",
    description: "Functions sampled from the trace; null: all of them.",
  }),
  fromMinute: number("minutes", "First minute of the trace that was run, from 0."),
  minutes: z.number().nullable().meta({
    unit: "minutes",
    description: "Minutes that were run; null: to the trace's end.",
  }),
  speedup: number("factor", "How much faster arrivals came than in the trace; run times stay."),
  placement: text("Where a minute's invocations were placed: poisson, uniform or equidistant."),
  runTimes: text(
    "Run times: drawn from the trace's distribution (trace), its mean (mean), or zero.",
  ),
  packages: text("Package catalogue from which functions drew, or none."),
  costs: text("Cost model file, or default."),
  unit: z.string().optional().meta({ unit: "text", description: "What one container serves." }),
  index: z.string().nullable().optional().meta({
    unit: "text",
    description:
      "Package index or folder of wheels; null: wheels were built on the machine, nothing was downloaded. Absent in results of earlier versions.",
  }),
  runsPerCore: limit("count", "Containers that may be created or run at a time, per core"),
  queueLimit: limit("count", "Invocations that may wait; a further one is rejected"),
  queueTimeoutUs: limit(
    "microseconds",
    "Longest wait for a container before an invocation times out",
  ),
});

export const runSchema = z.object({
  id: text("Name of the run: trace, preset, memory, seed, and the first digits of the digest."),
  command: text("Command line that repeats the run, from the folder in which it was made."),
  trace: text("Path of the trace."),
  backend: z
    .enum(["sim", "real"])
    .meta({ unit: "text", description: "What performed the operations." }),
  policy: policySchema.meta({ description: "The policy of each family." }),
  memoryBytes: limit("bytes", "Memory limit of the simulated or real worker"),
  diskBytes: limit("bytes", "Disk limit of the install cache"),
  cores: number("count", "Processor cores of the simulated or real worker."),
  seed: number("integer", "Seed of every random draw of the run."),
  options: optionsSchema.meta({ description: "The other settings of the run." }),
  real: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .optional()
    .meta({
      unit: "as on the command line",
      description:
        "How containers used the machine: the options of `run` by name; null: not given. Absent: a simulated run, or an earlier version.",
    }),
  commit: text("Commit of socklab that ran, or unknown."),
  version: text("Version of socklab that ran."),
  machine: machineSchema.meta({ description: "The machine on which socklab itself ran." }),
  startedAt: text("When the run began, ISO 8601 in UTC."),
  spanUs: us("Time from the run's start to its last event, in the run's own clock."),
  wallUs: us("Wall time of the run."),
  invocationsPerSecond: number("1/s", "Invocations per second of wall time."),
  digest: text("Hash over all operations and their times: equal for equal decisions."),
});

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
  resume: times("Resumption of a paused container, over the starts that did it."),
  run: times("Handler start to end, over all invocations that started."),
  response: times("Arrival to end: startup + run, over all invocations that started."),
  lateness: quantilesSchema.optional().meta({
    unit: "microseconds",
    description:
      "Due time of an arrival until the engine received it, over all arrivals of a real run: a part of queue or provision, and of run if the start was warm. Absent: a simulated run.",
  }),
});

const startKindsSchema = z.object({
  warm: times("Startup of invocations served by an idle container."),
  resumed: times("Startup of invocations served by a paused container."),
  delayedWarm: times("Startup of invocations that waited for a busy container."),
  zygote: times("Startup of invocations forked from a non-root Zygote."),
  rootZygote: times("Startup of invocations forked from the root Zygote."),
  cold: times("Startup of invocations whose container was created without a Zygote."),
});

const ecdfPointSchema = z.object({
  atMostUs: us("A startup time."),
  count: count("Exact number of starts that took at most that."),
});

export const tierSchema = z.object({
  hits: count("Lookups that found what they needed."),
  misses: count("Lookups that did not find it."),
  hitRatio: z.number().min(0).max(1).nullable().meta({
    unit: "ratio",
    description: "hits / (hits + misses); null: there was no lookup.",
  }),
  insertions: count("Number of times that something entered the tier."),
  evictions: count("Number of times that something left it because memory or disk was short."),
  expirations: count("Number of times that something left it because its time was over."),
  bytesPeak: bytes("Most bytes charged to it at one time."),
  bytesMean: bytes("Bytes charged to it, averaged over the run."),
});

const minuteSchema = z.object({
  atUs: us("End of the minute, when memory and queue were read."),
  arrivals: count("Invocations that arrived in the minute."),
  cold: count("Invocations that started cold."),
  zygote: count("Invocations that started from a non-root Zygote."),
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
  invocations: count("Its invocations with any outcome."),
  cold: count("Its invocations that started cold."),
  startupUs: z
    .object({ p50: us("Median startup."), p99: us("99 % of its startups are at most this.") })
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

/** The whole result of a run. Reports read only this object. */
export const resultSchema = z.object({
  schema: z
    .literal(RESULT_SCHEMA)
    .meta({ unit: "text", description: "Name and version of this shape." }),
  run: runSchema.meta({ description: "What ran, on which machine, and with which settings." }),
  quantileError: ratio("Largest relative error of the quantiles below: half a histogram bucket."),
  invocations: z
    .object({
      total: count("Invocations that arrived; the four outcomes sum to it."),
      completed: count("Their handler returned."),
      failed: count("Their container could not be created, or their run failed."),
      timedOut: count("Waited or ran longer than allowed."),
      rejected: count("The wait queue was full, or they could never fit in memory."),
      warm: count("Started in an idle container."),
      resumed: count("Started in a paused container."),
      delayedWarm: count("Started in a container that was busy when they arrived."),
      zygote: count("Started in a container forked from a non-root Zygote."),
      rootZygote: count("Started in a container forked from the root Zygote."),
      cold: count("Started in a container created without a Zygote."),
    })
    .meta({
      description: "Each invocation, once by how it ended, and once by how it started if it did.",
    }),
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
      peakBytes: bytes("Most memory charged at one time."),
      meanBytes: bytes("Memory charged, averaged over the run."),
      runningByteSeconds: byteSeconds(
        "Memory x time of containers that are being created, run, or are being destroyed.",
      ),
      handlerByteSeconds: byteSeconds("Memory x time of idle and paused containers."),
      zygoteByteSeconds: byteSeconds(
        "Memory x time of Zygotes, and of pages of dead Zygotes that are still shared.",
      ),
      wastedByteSeconds: byteSeconds("Memory x time that is idle: handler + zygote."),
    })
    .meta({ description: "Memory of the worker, as charged by its ledger." }),
  tiers: z
    .object({
      handler: tierSchema.meta({
        description:
          "Idle and paused containers. Every start is a lookup; warm and resumed are hits.",
      }),
      import: tierSchema.meta({ description: "Zygotes; looked up at every container creation." }),
      install: tierSchema.meta({
        description: "Packages on disk, looked up when a provisioning needs one.",
      }),
    })
    .meta({ description: "The three caches." }),
  prewarms: prewarmsSchema.optional().meta({ description: PREWARMS_MEANING }),
  zygotes: z.array(zygoteSchema).meta({
    description: "The Zygotes alive at the end of the run; a parent comes before its children.",
  }),
  timeline: z.array(minuteSchema).meta({ description: "One row per minute." }),
  functions: z.array(functionSchema).meta({ description: "One row per invoked function." }),
  warnings: z.array(warningSchema).meta({ description: "Doubts about the run, one row per code." }),
});

export type Result = z.infer<typeof resultSchema>;
export type RunDescription = z.infer<typeof runSchema>;
export type RunOptions = z.infer<typeof optionsSchema>;
export type ResultPolicy = z.infer<typeof choiceSchema>;
export type Quantiles = z.infer<typeof quantilesSchema>;
export type EcdfPoint = z.infer<typeof ecdfPointSchema>;
export type ZygoteResult = z.infer<typeof zygoteSchema>;
export type Minute = z.infer<typeof minuteSchema>;
export type TierResult = z.infer<typeof tierSchema>;
export type MachineDescription = z.infer<typeof machineSchema>;
