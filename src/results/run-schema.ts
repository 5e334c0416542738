import { z } from "zod";
import { bytes, count, limit, number, text, us } from "./fields.js";

export const choiceSchema = z.object({
  name: text("Name of the policy, or the path of the file it was read from."),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])).meta({
    unit: "as declared",
    description:
      "Every parameter with the value used: durations in microseconds, sizes in bytes; null: unlimited.",
  }),
});

const policySchema = z.object({
  preset: text("Preset on which the choice is based, or the name of the policy in a file."),
  zygote: choiceSchema.meta({ description: "Which Zygotes are forked, and which are created." }),
  evict: choiceSchema.meta({ description: "What is evicted under memory pressure." }),
  keepAlive: choiceSchema.meta({ description: "How long an idle container is kept." }),
  install: choiceSchema.meta({ description: "Which packages stay on disk." }),
  dispatch: choiceSchema.meta({
    description: "Which container serves, and how long the invocation waits for a busy one.",
  }),
  queue: choiceSchema.meta({ description: "Which waiting invocation starts next." }),
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
  unit: z.string().optional().meta({ unit: "text", description: "What one container serves." }),
  policyFiles: z.string().optional().meta({ unit: "text", description: "Own policy files." }),
  functions: z.int().nullable().meta({
    unit: "count",
    description: "Functions sampled from the trace; null: all of them.",
  }),
  fromMinute: number("minutes", "First minute of the trace that was run, from 0."),
  minutes: z.number().nullable().meta({
    unit: "minutes",
    description: "Minutes that were run; null: to the trace's end.",
  }),
  warmupMinutes: number(
    "minutes",
    "First minutes of the trace that warm the caches and are left out of the figures.",
  ),
  speedup: number("factor", "How much faster arrivals came than in the trace; run times stay."),
  placement: text("Where a minute's invocations were placed: poisson, uniform or equidistant."),
  runTimes: text(
    "Run times: drawn from the trace's distribution (trace), its mean (mean), or zero.",
  ),
  packages: text("Package catalogue from which functions drew, or none."),
  costs: text("Cost model file, or default."),
  index: z.string().nullable().optional().meta({
    unit: "text",
    description:
      "Package index or folder of wheels; null: wheels were built on the machine, nothing was downloaded. Absent in results of earlier versions.",
  }),
  runsPerCore: limit("count", "Containers that may be created or run at a time, per core"),
  creationsPerCore: limit("count", "Containers and Zygotes created at a time, per core"),
  creationsPerFunction: limit("count", "Starts of one function in progress at a time"),
  queueLimit: limit("count", "Invocations that may wait; a further one is rejected"),
  queueTimeoutUs: limit(
    "microseconds",
    "Longest wait for a container before an invocation times out",
  ),
});

/** Where the packages and the costs of a run came from. */
export const inputsSchema = z.object({
  catalogue: z
    .object({
      kind: z.enum(["invented", "measured", "unknown", "none"]).meta({
        unit: "text",
        description:
          "Whether the packages are made up, are real ones that were measured, come from a catalogue that does not say which, or whether there are none.",
      }),
      name: text("The catalogue's file and what it says of itself, or none."),
      isShipped: z.boolean().meta({
        unit: "true or false",
        description: "Whether it ships with socklab.",
      }),
      drawnFor: count("Functions that drew their packages, because the trace names none."),
    })
    .meta({ description: "The catalogue from which functions have their packages." }),
  costs: z
    .object({
      name: text("The cost file, as it was given."),
      isShipped: z.boolean().meta({
        unit: "true or false",
        description: "Whether it is the one that ships with socklab.",
      }),
    })
    .meta({ description: "The cost model of a simulated run, and memory of an interpreter." }),
});
export type RunInputs = z.infer<typeof inputsSchema>;

const oracleSchema = z.object({
  family: text("Family of the policy."),
  policy: text("Name of the policy."),
  knows: text("What it knew of the future."),
});
export type Oracle = z.infer<typeof oracleSchema>;

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
  inputs: inputsSchema.optional().meta({
    description:
      "Where the packages and the costs came from. Absent in results of earlier versions.",
  }),
  oracles: z.array(oracleSchema).optional().meta({
    description:
      "The policies that knew something of the run's future, which no policy of a real machine knows. Absent in results of earlier versions.",
  }),
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
  startedAt: z.string().meta({ unit: "ISO 8601", description: "When the run began, in UTC." }),
  spanUs: us("Time from the run's start to its last event, in the run's own clock."),
  wallUs: us("Wall time of the run."),
  invocationsPerSecond: number("1/s", "Invocations per second of wall time."),
  digest: text("Hash over all operations and their times: equal for equal decisions."),
});

export type RunDescription = z.infer<typeof runSchema>;
export type RunOptions = z.infer<typeof optionsSchema>;
export type ResultPolicy = z.infer<typeof choiceSchema>;
export type MachineDescription = z.infer<typeof machineSchema>;
