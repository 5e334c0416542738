import { InputError } from "../../basics/errors.js";
import type { Contention, Correlation, Cost, Costs } from "../../sim/costs/costs.js";
import { constantCost, costOf } from "./summary.js";

/**
 * One calibration out of two of the same machine, such as one before and one after the runs they are
 * for: a machine that others share is faster in one quarter of an hour than in the next. What was
 * measured is pooled, what was fitted is averaged. `other` names when it was measured.
 */
export function poolCosts(one: Costs, other: Costs): Costs {
  const { contention, correlation, observed } = one;
  return {
    ...one,
    machine: `${one.machine}; pooled with one of ${other.measured!.date}`,
    costs: poolAll(one.costs, other.costs) as Costs["costs"],
    ...(contention && { contention: poolContention(contention, other.contention) }),
    ...(correlation && { correlation: poolCorrelation(correlation, other.correlation) }),
    ...(observed && { observed: poolAll(observed, other.observed ?? {}) }),
  };
}

type CalibratedMachine = Pick<NonNullable<Costs["measured"]>, "cpu" | "cores" | "kernel">;

/** Errors: InputError where costs were not measured on a machine like `here`. */
export function requireMeasuredOn(
  here: CalibratedMachine,
  { measured }: Costs,
  path: string,
): void {
  for (const field of ["cpu", "cores", "kernel"] as const) {
    if (measured?.[field] === here[field]) continue;
    throw new InputError(
      `--with: ${path} is of another machine (${field} ${measured?.[field] ?? "unknown"}, here ${here[field]}): name a calibration of this one`,
    );
  }
}

function poolAll(
  one: Readonly<Record<string, Cost>>,
  other: Readonly<Record<string, Cost>>,
): Record<string, Cost> {
  return Object.fromEntries(
    Object.entries(one).map(([name, cost]) => [name, poolCost(cost, other[name] ?? cost)]),
  );
}

/** Both have the same number of quantiles, as both were measured alike. */
function poolCost(one: Cost, other: Cost): Cost {
  if (one.sample === undefined || other.sample === undefined) {
    return one.value === other.value
      ? one
      : constantCost(between(one.value, other.value), one.unit, one.source);
  }
  return {
    ...costOf([...one.sample, ...other.sample], one.unit, one.source),
    n: one.n! + other.n!,
  };
}

function poolContention(one: Contention, other: Contention = one): Contention {
  const byLoad = new Map(other.burn.map(({ jobsPerCore, speed }) => [jobsPerCore, speed]));
  const byCount = new Map(other.creations.map(({ atOnce, slowdown }) => [atOnce, slowdown]));
  return {
    burn: one.burn.map(({ jobsPerCore, speed }) => ({
      jobsPerCore,
      speed: between(speed, byLoad.get(jobsPerCore)),
    })),
    creations: one.creations.map(({ atOnce, slowdown }) => ({
      atOnce,
      slowdown: between(slowdown, byCount.get(atOnce)),
    })),
  };
}

function poolCorrelation(one: Correlation, other: Correlation = one): Correlation {
  return {
    withinOperation: between(one.withinOperation, other.withinOperation),
    betweenOperations: between(one.betweenOperations, other.betweenOperations),
  };
}

/** Half way, without the noise of binary fractions. */
function between(one: number, other: number = one): number {
  return Number(((one + other) / 2).toPrecision(8));
}
