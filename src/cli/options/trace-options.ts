import type { InferredOptionTypes, Options } from "yargs";
import { SHIPPED_TRACES } from "../../lab/run/locate-trace.js";
import type { TraceSettings } from "../../lab/run/trace-settings.js";
import { PLACEMENTS, RUN_TIME_MODES } from "../../trace/trace.js";
import { ifGiven, readChoice, readInteger, readNumber } from "./read-option.js";

const text = { type: "string", requiresArg: true, group: "Trace:" } as const;

/** The trace that a command runs or describes. */
export const TRACE_POSITIONAL = {
  type: "string",
  demandOption: true,
  describe: `Path of a trace, format:path, or a trace that ships with socklab: ${SHIPPED_TRACES.join(", ")}`,
} as const;

/**
 * Which part of a trace is read, and how. Every command that reads a trace shares these options.
 */
export const TRACE_OPTIONS = {
  functions: {
    ...text,
    describe: "Number of functions to keep, sampled by the seed (count; default: all)",
  },
  from: { ...text, default: "0", describe: "First minute to run, counted from 0 (minutes)" },
  minutes: { ...text, describe: "Minutes to run (minutes; default: to the end)" },
  speedup: {
    ...text,
    default: "1",
    describe: "How much faster invocations arrive; run times do not change (factor)",
  },
  placement: {
    ...text,
    default: "poisson",
    describe: `How a minute's invocations are spread over it: ${PLACEMENTS.join(", ")}`,
  },
  "run-times": {
    ...text,
    default: "trace",
    describe:
      "Run times drawn from the trace's distribution (trace), always the mean (mean), or 0 (zero)",
  },
  seed: { ...text, default: "1", describe: "Seed of every random draw (integer)" },
} as const satisfies Record<string, Options>;

export type TraceArguments = InferredOptionTypes<typeof TRACE_OPTIONS>;

/** Errors: InputError naming the option. */
export function readTraceSettings(args: TraceArguments): TraceSettings {
  return {
    functions: ifGiven(args.functions, (given) => readInteger(given, "--functions", { min: 1 })),
    fromMinute: readInteger(args.from, "--from", { min: 0 }),
    minutes: ifGiven(args.minutes, (given) => readInteger(given, "--minutes", { min: 1 })),
    speedup: readNumber(args.speedup, "--speedup", { min: 1e-6, max: 1e6 }),
    placement: readChoice(args.placement, "--placement", PLACEMENTS),
    runTimes: readChoice(args["run-times"], "--run-times", RUN_TIME_MODES),
    seed: readInteger(args.seed, "--seed", { min: 0 }),
  };
}
