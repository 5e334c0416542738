import { InputError } from "../../basics/errors.js";
import type { Contention, Correlation, Cost, Costs } from "../../sim/costs/costs.js";
import { constantCost, costOf } from "./summary.js";

/**
 * Makes one calibration out of two of the same machine, such as one before and one after the runs
 * to compare, because the speed of a shared machine changes over time. Measured samples are pooled,
 * and fitted values are averaged. `other` must say when it was measured.
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

/** Checks that costs were measured on a machine like `here`. Errors: InputError. */
export function requireMeasuredOn(
  here: CalibratedMachine,
  { measured }: Costs,
  path: string,
): void {
  for (const field of ["cpu", "cores", "kernel"] as const) {
    if (measured?.[field] === here[field]) continue;
    throw new InputError(
      `--with: ${path} was measured on another machine (${field} ${measured?.[field] ?? "unknown"}, here ${here[field]}): name a calibration of this machine`,
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

/**
 * Pools two samples. Both were measured in the same way, so they have the same number of quantiles.
 */
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

/** The mean of two values, without the rounding noise of binary fractions. */
function between(one: number, other: number = one): number {
  return Number(((one + other) / 2).toPrecision(8));
}
