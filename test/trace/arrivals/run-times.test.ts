import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomStreams } from "../../../src/basics/random.js";
import { PercentileRunTimes } from "../../../src/trace/arrivals/run-times.js";

const PERCENTILES = [1_000, 2_000, 5_000, 8_000, 10_000, 20_000, 100_000];

function meanOfDraws(runTimes: PercentileRunTimes, draws: number): number {
  let sum = 0;
  for (let draw = 0; draw < draws; draw++) sum += runTimes.quantileUs((draw + 0.5) / draws);
  return sum / draws;
}

describe("run times by percentiles", () => {
  it("pass through every stated percentile, for any average", () => {
    for (const average of [0, 8_000, 9_000, 50_000]) {
      const runTimes = new PercentileRunTimes(PERCENTILES, average);
      const drawn = [0, 0.01, 0.25, 0.5, 0.75, 0.99, 1].map((u) => runTimes.quantileUs(u));
      expect(drawn).toEqual(PERCENTILES);
    }
  });

  it("are linear between two percentiles up to the 75th", () => {
    const runTimes = new PercentileRunTimes(PERCENTILES, 9_000);
    expect(runTimes.quantileUs(0.13)).toBe(2_000 + 3_000 / 2);
    expect(runTimes.quantileUs(0.6)).toBe(8_000 + 2_000 * 0.4);
  });

  it("have the stated average as mean if an exponent reaches it", () => {
    // Below p75: .01 * 1500 + .24 * 3500 + .25 * 6500 + .25 * 9000 = 4730; with .24 * 10000 and .01
    // * 20000 it is 7330. The rise of .24 * 10000 + .01 * 80000 = 3200 adds 3200 / (k + 1).
    const runTimes = new PercentileRunTimes(PERCENTILES, 8_000);
    expect(runTimes.exponent).toBeCloseTo(3_200 / (8_000 - 7_330) - 1, 9);
    expect(runTimes.drawnMeanUs).toBeCloseTo(8_000, 6);
    expect(meanOfDraws(runTimes, 200_000)).toBeCloseTo(8_000, -1);
  });

  it("clamp the exponent to 0.1 or 64 if no exponent reaches the average", () => {
    expect(new PercentileRunTimes(PERCENTILES, 1_000).exponent).toBe(64);
    expect(new PercentileRunTimes(PERCENTILES, 90_000).exponent).toBe(0.1);
    expect(new PercentileRunTimes([5, 5, 5, 5, 5, 5, 5], 5).exponent).toBe(1);
  });

  it("are put in order if the file has percentiles out of order", () => {
    const runTimes = new PercentileRunTimes(
      [2_000, 1_000, 5_000, 8_000, 10_000, 20_000, 100_000],
      9_000,
    );
    expect(runTimes.quantileUs(0)).toBe(1_000);
  });

  it("never fall as the probability rises, and are whole microseconds", () => {
    const percentiles = fc.array(fc.nat(10 ** 9), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(percentiles, fc.nat(10 ** 9), fc.nat(), (stated, average, seed) => {
        const runTimes = new PercentileRunTimes(stated, average);
        const random = new RandomStreams(seed).get("u");
        const draws = Array.from({ length: 50 }, () => random.next()).sort((a, b) => a - b);
        const values = draws.map((u) => runTimes.quantileUs(u));
        expect(values).toEqual(values.toSorted((a, b) => a - b));
        expect(values.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
      }),
    );
  });
});
