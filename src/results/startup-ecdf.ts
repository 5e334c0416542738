import type { Histogram } from "./histogram.js";
import type { EcdfPoint } from "./result.js";

const MAX_POINTS = 200;
/**
 * Steps per octave that are tried, the finest first. The last, 2 in each of 50 octaves, is within
 * MAX_POINTS.
 */
const STEPS_PER_OCTAVE = [1024, 256, 64, 32, 16, 8, 4, 2];

/**
 * The empirical distribution of a histogram in at most 200 points, evenly distributed over its
 * logarithm. Points are left out and not moved, so every count is exact.
 */
export function startupEcdf(histogram: Histogram): EcdfPoint[] {
  const all = [...histogram.cumulative()];
  let points: EcdfPoint[] = [];
  for (const steps of STEPS_PER_OCTAVE) {
    points = lastOfEachStep(all, steps);
    if (points.length <= MAX_POINTS) break;
  }
  return points;
}

function lastOfEachStep(
  points: readonly { readonly atMost: number; readonly count: number }[],
  stepsPerOctave: number,
): EcdfPoint[] {
  const stepOf = (value: number) =>
    value === 0 ? -1 : Math.floor(Math.log2(value) * stepsPerOctave);
  return points
    .filter(({ atMost }, at) => {
      const next = points[at + 1];
      return next === undefined || stepOf(next.atMost) !== stepOf(atMost);
    })
    .map(({ atMost, count }) => ({ atMostUs: atMost, count }));
}
