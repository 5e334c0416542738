import type { Contention } from "../costs/costs.js";

/** Load is kept in steps of this share of the machine. */
const STEPS_PER_LOAD = 64;

/**
 * How fast jobs run, relative to sharing the cores without loss. Entry i is for a load (demand
 * divided by capacity) of i / STEPS_PER_LOAD. Higher loads use the last entry.
 */
export type Efficiency = Float64Array;

/** Interpolates linearly between the measured speeds; without load, the efficiency is 1. */
export function efficiencyOf({ burn }: Contention): Efficiency | undefined {
  const last = burn.at(-1);
  if (last === undefined) return undefined;
  const points = [
    { load: 0, efficiency: 1 },
    ...burn.map(({ jobsPerCore, speed }) => ({
      load: jobsPerCore,
      efficiency: speed / Math.min(1, 1 / jobsPerCore),
    })),
  ];
  const steps = Math.ceil(last.jobsPerCore * STEPS_PER_LOAD) + 1;
  return Float64Array.from({ length: steps }, (_, step) => {
    const load = Math.min(step / STEPS_PER_LOAD, last.jobsPerCore);
    const above = points.findIndex((point) => point.load >= load);
    const to = points[above];
    const from = points[above - 1] ?? to;
    const share = to.load === from.load ? 1 : (load - from.load) / (to.load - from.load);
    return from.efficiency + share * (to.efficiency - from.efficiency);
  });
}

/** The efficiency at a load, which is demand divided by capacity. */
export function efficiencyAt(efficiency: Efficiency, load: number): number {
  const step = (load * STEPS_PER_LOAD) | 0;
  return efficiency[step < efficiency.length ? step : efficiency.length - 1];
}
