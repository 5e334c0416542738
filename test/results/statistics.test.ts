import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawNormal, RandomStreams } from "../../src/basics/random.js";
import { meanInterval, pairedDifference } from "../../src/results/statistics.js";
import { studentQuantile } from "../../src/results/student-quantile.js";

describe("Student's t", () => {
  test("has the quantiles of the printed tables", () => {
    // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, to its three decimals
    const table: readonly (readonly [degrees: number, p95: number, p975: number, p995: number])[] =
      [
        [1, 6.314, 12.706, 63.657],
        [2, 2.92, 4.303, 9.925],
        [3, 2.353, 3.182, 5.841],
        [4, 2.132, 2.776, 4.604],
        [9, 1.833, 2.262, 3.25],
        [10, 1.812, 2.228, 3.169],
        [29, 1.699, 2.045, 2.756],
        [30, 1.697, 2.042, 2.75],
        [100, 1.66, 1.984, 2.626],
      ];
    for (const [degrees, p95, p975, p995] of table) {
      expect(studentQuantile(0.95, degrees), `${degrees}`).toBeCloseTo(p95, 3);
      expect(studentQuantile(0.975, degrees), `${degrees}`).toBeCloseTo(p975, 3);
      expect(studentQuantile(0.995, degrees), `${degrees}`).toBeCloseTo(p995, 3);
    }
  });

  test("with one degree is Cauchy's distribution, with two has a closed form, with many is normal", () => {
    expect(studentQuantile(0.975, 1)).toBeCloseTo(Math.tan(Math.PI * 0.475), 9);
    // p = 1/2 + t / (2 sqrt(2 + t^2)), so t = a sqrt(2 / (1 - a^2)) with a = 2p - 1
    expect(studentQuantile(0.975, 2)).toBeCloseTo(0.95 * Math.sqrt(2 / (1 - 0.95 ** 2)), 9);
    expect(studentQuantile(0.975, 100_001)).toBeCloseTo(1.95999, 4);
  });

  test("is symmetric about 0 and rises with the probability", () => {
    const degrees = fc.integer({ min: 1, max: 60 });
    const probability = fc.double({ min: 0.501, max: 0.998, noNaN: true });
    fc.assert(
      fc.property(degrees, probability, (each, p) => {
        expect(studentQuantile(1 - p, each)).toBeCloseTo(-studentQuantile(p, each), 6);
        expect(studentQuantile(p + 0.001, each)).toBeGreaterThan(studentQuantile(p, each));
      }),
    );
    expect(studentQuantile(0.5, 7)).toBeCloseTo(0, 12);
  });
});

describe("an interval over seeds", () => {
  test("is the mean and t times the standard error on both sides", () => {
    // mean 4, deviation sqrt(((-2)^2 + 0 + 2^2) / 2) = 2, reach 4.302653 x 2 / sqrt(3)
    const { count, mean, deviation, low, high } = meanInterval([2, 4, 6]);
    expect([count, mean, deviation]).toEqual([3, 4, 2]);
    expect(low).toBeCloseTo(4 - (4.302653 * 2) / Math.sqrt(3), 5);
    expect(high).toBeCloseTo(4 + (4.302653 * 2) / Math.sqrt(3), 5);
  });

  test("does not exist for one seed", () => {
    expect(meanInterval([5])).toEqual({
      ...{ count: 1, mean: 5, deviation: null },
      ...{ low: null, high: null },
    });
    expect(pairedDifference([5], [3]).isSignificant).toBeNull();
  });

  test("by t contains the true mean of normal repeats 95 times in 100", () => {
    const random = new RandomStreams(1).get("repeats");
    let held = 0;
    for (let study = 0; study < 4000; study++) {
      const { low, high } = meanInterval(Array.from({ length: 4 }, () => drawNormal(random)));
      if (low! <= 0 && high! >= 0) held++;
    }
    // The count is binomial: 4 standard deviations are 4 x sqrt(4000 x 0.95 x 0.05) = 55.
    expect(Math.abs(held - 3800)).toBeLessThan(55);
  });

  test("by bootstrap is seeded, within the repeats, and near the t interval for many", () => {
    const random = new RandomStreams(2).get("repeats");
    const values = Array.from({ length: 60 }, () => 10 + drawNormal(random));
    const byResampling = meanInterval(values, "bootstrap");
    expect(meanInterval(values, "bootstrap")).toEqual(byResampling);
    expect(byResampling.low!).toBeGreaterThan(Math.min(...values));
    expect(byResampling.high!).toBeLessThan(Math.max(...values));
    const byStudent = meanInterval(values);
    expect(byResampling.low!).toBeCloseTo(byStudent.low!, 1);
    expect(byResampling.high!).toBeCloseTo(byStudent.high!, 1);
  });
});

describe("a paired difference", () => {
  test("shows what two separate intervals hide", () => {
    // The seeds move both by 10, and the policies differ by about 1.
    const base = [100, 110, 120, 130];
    const other = [101.1, 110.9, 121.0, 131.0];
    expect(meanInterval(other).low!).toBeLessThan(meanInterval(base).high!);
    const { mean, low, high, isSignificant } = pairedDifference(other, base);
    // differences 1.1, 0.9, 1, 1: mean 1, deviation 0.08165, reach 3.182446 x 0.08165 / 2
    expect(mean).toBeCloseTo(1, 9);
    expect(high! - low!).toBeCloseTo(3.182446 * 0.0816497, 5);
    expect(isSignificant).toBe(true);
  });

  test("is not significant if its interval contains 0 or all differences are 0", () => {
    expect(pairedDifference([1, 2, 3], [2, 2, 2]).isSignificant).toBe(false);
    expect(pairedDifference([1, 2, 3], [1, 2, 3]).isSignificant).toBe(false);
  });
});
