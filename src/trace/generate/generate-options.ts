import { InputError } from "../../basics/errors.js";
import {
  APP_INVOCATIONS,
  APP_MEMORY_MB,
  ARRIVAL_CLASSES,
  DIRECT_COUNT,
  DIRECT_POPULARITY,
  RUN_MS,
  RUN_RANK_CORRELATION,
  RUN_TAIL,
  TOP_APP_SHARE,
} from "../distributions/fits.js";

/** One number that `socklab trace generate` accepts, such as `--top-share 0.2` for topShare. */
export interface GenerateOption {
  readonly description: string;
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/** Every option of a generated workload; the defaults are the published distributions. */
export const GENERATE_OPTIONS = {
  functions: count("functions in the workload", "functions", 200, 1_000_000),
  minutes: count("length of the workload", "minutes", 1_440, 1_000_000),
  packages: count("packages in its catalogue", "packages", 500, 100_000),
  popularityMu: {
    description: "invocations per day of an application: mean of the logarithm",
    unit: "ln",
    default: APP_INVOCATIONS.mu,
    min: -20,
    max: 20,
  },
  popularitySigma: {
    description: "invocations per day of an application: standard deviation of the logarithm",
    unit: "ln",
    default: APP_INVOCATIONS.sigma,
    min: 0,
    max: 10,
  },
  topShare: share(
    "most of all invocations one application may have, though at least twice an equal share",
    TOP_APP_SHARE,
  ),
  splitConcentration: positive(
    "how evenly an application's functions share its invocations (Dirichlet)",
    "concentration",
    1,
  ),
  periodicShare: share("applications that run on an exact period", ARRIVAL_CLASSES.periodic),
  burstyShare: share("applications with bursts", ARRIVAL_CLASSES.bursty),
  poissonShare: share("applications with Poisson arrivals", ARRIVAL_CLASSES.poisson),
  burstSpeed: {
    description: "how many times faster than on average invocations come in a burst",
    unit: "times",
    default: 30,
    min: 1.01,
    max: 1e6,
  },
  runMu: {
    description: "mean run time of a function in ms: mean of the logarithm",
    unit: "ln ms",
    default: RUN_MS.mu,
    min: -20,
    max: 20,
  },
  runSigma: {
    description: "mean run time of a function in ms: standard deviation of the logarithm",
    unit: "ln ms",
    default: RUN_MS.sigma,
    min: 0,
    max: 10,
  },
  runMaxMs: {
    description: "longest run time",
    unit: "ms",
    default: RUN_MS.max,
    min: 2 * RUN_MS.min,
    max: 1e9,
  },
  runRankCorrelation: {
    description: "rank correlation of a function's invocations and mean run time",
    unit: "Spearman's rho",
    default: RUN_RANK_CORRELATION,
    min: -0.9,
    max: 0.9,
  },
  tailRatio: ratio("p99 / p50 of the run times of one function", RUN_TAIL.ratio),
  heavyTailRatio: ratio(
    "p99 / p50 of the run times of a function with a heavy tail",
    RUN_TAIL.heavyRatio,
  ),
  heavyTailShare: share("functions with a heavy tail", RUN_TAIL.heavyShare),
  memoryC: positive("memory of an application, Burr XII: first shape", "shape", APP_MEMORY_MB.c),
  memoryD: positive("memory of an application, Burr XII: second shape", "shape", APP_MEMORY_MB.d),
  memoryScaleMb: positive("memory of an application, Burr XII: scale", "MB", APP_MEMORY_MB.scale),
  directMu: {
    description: "packages a function names itself: mean of the logarithm",
    unit: "ln",
    default: DIRECT_COUNT.mu,
    min: 0,
    max: 6,
  },
  directSigma: {
    description: "packages a function names itself: standard deviation of the logarithm",
    unit: "ln",
    default: DIRECT_COUNT.sigma,
    min: 0,
    max: 3,
  },
  packageS: positive("package popularity (rank + q)^-s: s", "exponent", DIRECT_POPULARITY.s),
  packageQ: {
    description: "package popularity (rank + q)^-s: q",
    unit: "ranks",
    default: DIRECT_POPULARITY.q,
    min: 0,
    max: 1e6,
  },
} as const satisfies Readonly<Record<string, GenerateOption>>;

export type GenerateOptionName = keyof typeof GENERATE_OPTIONS;
export type GenerateOptions = Readonly<Record<GenerateOptionName, number>>;

const OPTION_NAMES = Object.keys(GENERATE_OPTIONS) as GenerateOptionName[];
const INTEGERS: readonly GenerateOptionName[] = ["functions", "minutes", "packages"];

/**
 * All options, with the default for each that is not given. Errors: InputError naming the option.
 */
export function completeGenerateOptions(given: Partial<GenerateOptions>): GenerateOptions {
  const options = Object.fromEntries(
    OPTION_NAMES.map((name) => [name, checkedOption(name, given[name])]),
  ) as GenerateOptions;
  const { periodicShare, burstyShare, poissonShare } = options;
  if (periodicShare + burstyShare + poissonShare > 1 + 1e-9) {
    throw new InputError(
      `--periodic-share ${periodicShare}, --bursty-share ${burstyShare} and --poisson-share ${poissonShare} exceed 1 together`,
    );
  }
  return options;
}

/**
 * The command that makes the same workload again: the options that differ from the defaults, and
 * the seed.
 */
export function generateCommand(options: GenerateOptions, seed: number): string {
  const changed = OPTION_NAMES.filter((name) => options[name] !== GENERATE_OPTIONS[name].default);
  const flags = changed.map((name) => `--${dashed(name)} ${options[name]} `).join("");
  return `socklab trace generate ${flags}--seed ${seed}`;
}

function checkedOption(name: GenerateOptionName, given: number | undefined): number {
  const { default: usual, min, max, unit } = GENERATE_OPTIONS[name];
  const value = given ?? usual;
  const integer = INTEGERS.includes(name);
  if (value >= min && value <= max && (!integer || Number.isInteger(value))) return value;
  const kind = integer ? "an integer" : "a number";
  throw new InputError(
    `--${dashed(name)} is ${value}, expected ${kind} from ${min} to ${max} (${unit})`,
  );
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function count(description: string, unit: string, usual: number, max: number): GenerateOption {
  return { description, unit, default: usual, min: 1, max };
}

function share(description: string, usual: number): GenerateOption {
  return { description, unit: "share", default: usual, min: 0, max: 1 };
}

function positive(description: string, unit: string, usual: number): GenerateOption {
  return { description, unit, default: usual, min: 1e-3, max: 1e6 };
}

function ratio(description: string, usual: number): GenerateOption {
  return { description, unit: "p99 / p50", default: usual, min: 1, max: 1e6 };
}
