import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { outerRank, spreadOf } from "../../src/results/spread.js";

/**
 * Exact number of cases in 2^n in which the median is not between the k-th least and the k-th
 * greatest of n samples.
 */
function misses(n: number, k: number): bigint {
  let ways = 1n; // n over below
  let sum = 0n;
  for (let below = 0; below < k; below++) {
    sum += ways;
    ways = (ways * BigInt(n - below)) / BigInt(below + 1);
  }
  return 2n * sum;
}

describe("the interval of a median", () => {
  test("of 6 samples is from the least to the greatest, which misses with 2 x 1/64 = 3.1 %; the second ones miss with 2 x 7/64", () => {
    expect(outerRank(6)).toBe(1);
    const { low, high } = spreadOf([9, 1, 5, 2, 8, 4]);
    expect([low, high]).toEqual([1, 9]);
  });

  test("of 100 samples is the 40th to the 61st, as in Conover's table", () => {
    const { low, high } = spreadOf(Array.from({ length: 100 }, (_, i) => 100 - i));
    expect([low, high]).toEqual([40, 61]);
  });

  test("is the narrowest that misses with at most 5 %, for every n from 6 to 400", () => {
    for (let n = 6; n <= 400; n++) {
      const k = outerRank(n);
      const limit = 5n * 2n ** BigInt(n); // in hundredths
      expect(100n * misses(n, k), `n ${n}`).toBeLessThanOrEqual(limit);
      expect(100n * misses(n, k + 1), `n ${n}`).toBeGreaterThan(limit);
    }
  });

  test("of 100,000 samples is within 0.4 % of the middle rank: 1.96 x sqrt(n) / 2 is 310", () => {
    expect(Math.abs(outerRank(100_000) - (50_000 - 310))).toBeLessThan(3);
  });
});

describe("a spread", () => {
  test("has quantiles by nearest rank and keeps outliers", () => {
    const { n, mean, p50, p90, p99 } = spreadOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 1000]);
    expect([n, mean, p50, p90, p99]).toEqual([10, 104.5, 5, 9, 1000]);
  });

  test("of one sample is that sample", () => {
    expect(spreadOf([7])).toEqual({ n: 1, mean: 7, p50: 7, p90: 7, p99: 7, low: 7, high: 7 });
  });

  test("has its quantiles in order, for any samples", () => {
    const samples = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(samples, (values) => {
        const { low, p50, high, p90, p99 } = spreadOf(values);
        expect(low).toBeLessThanOrEqual(p50);
        expect(p50).toBeLessThanOrEqual(high);
        expect(p50).toBeLessThanOrEqual(p90);
        expect(p90).toBeLessThanOrEqual(p99);
      }),
    );
  });
});
