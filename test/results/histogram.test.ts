import fc from "fast-check";
import { expect, test } from "vitest";
import { Buckets, Histogram, rankOf } from "../../src/results/histogram.js";

const BUCKETS = new Buckets(10);

function histogramOf(values: readonly number[], buckets = BUCKETS): Histogram {
  const histogram = new Histogram(buckets);
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Times of every magnitude, including zero and the limits. */
const anyTimeUs = fc.oneof(
  fc.constantFrom(0, 1, 1023, 1024, 2047, 2048, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 50),
  fc
    .tuple(fc.integer({ min: 0, max: 49 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([octave, part]) => Math.floor(2 ** octave * (1 + part))),
);

test("count, sum and maximum are exact and each quantile is within 2^-11 of the nearest rank's value", () => {
  fc.assert(
    fc.property(fc.array(anyTimeUs, { minLength: 1, maxLength: 300 }), (values) => {
      const histogram = histogramOf(values);
      const sorted = values.toSorted((a, b) => a - b);
      expect(histogram.count).toBe(values.length);
      expect(histogram.max).toBe(sorted.at(-1));
      const sum = values.reduce((total, value) => total + value, 0);
      if (sum < 2 ** 53) expect(histogram.sum).toBe(sum);
      for (const permille of [0, 1, 500, 900, 950, 990, 999, 1000]) {
        const rank = Math.max(1, Math.ceil((permille * values.length) / 1000));
        const exact = sorted[rank - 1];
        const error = Math.abs(histogram.quantile(permille / 1000) - exact);
        expect(error).toBeLessThanOrEqual(exact * 2 ** -11);
      }
    }),
  );
});

test("the number of a bucket grows with the value, and its middle is within it", () => {
  fc.assert(
    fc.property(anyTimeUs, anyTimeUs, fc.integer({ min: 1, max: 12 }), (a, b, bits) => {
      const buckets = new Buckets(bits);
      const [low, high] = a < b ? [a, b] : [b, a];
      expect(buckets.indexOf(low)).toBeLessThanOrEqual(buckets.indexOf(high));
      const index = buckets.indexOf(a);
      expect(buckets.indexOf(buckets.valueOf(index))).toBe(index);
      expect(Math.abs(buckets.valueOf(index) - a)).toBeLessThanOrEqual(a * buckets.relativeError);
    }),
  );
});

test("values below 2^11 are exact with 10 bits: 1024 + 1024 buckets one microsecond wide", () => {
  for (let value = 0; value < 2048; value++) {
    expect(histogramOf([value]).quantile(0.5)).toBe(value);
  }
});

test("of 1..100 the p50 is 50, the p99 is 99 and the p7 is 7: nearest rank, no interpolation", () => {
  const histogram = histogramOf(Array.from({ length: 100 }, (_, i) => i + 1));
  expect([0.5, 0.99, 0.07].map((p) => histogram.quantile(p))).toEqual([50, 99, 7]);
  expect(histogram.mean).toBe(50.5); // 5050 / 100
});

test("zeros recorded in one call count like zeros recorded one by one", () => {
  const histogram = histogramOf([10, 20]);
  histogram.recordZeros(2);
  expect(histogram.count).toBe(4);
  expect(histogram.mean).toBe(7.5); // 30 / 4
  expect(histogram.quantile(0.5)).toBe(0); // 0 0 10 20: rank 2
  expect(histogram.quantile(0.75)).toBe(10);
});

test("two histograms added are one histogram of all their values", () => {
  fc.assert(
    fc.property(fc.array(anyTimeUs), fc.array(anyTimeUs), (some, others) => {
      const sum = histogramOf(some);
      sum.add(histogramOf(others));
      const all = histogramOf([...some, ...others]);
      for (const p of [0.1, 0.5, 0.99]) expect(sum.quantile(p)).toBe(all.quantile(p));
      expect([sum.count, sum.max]).toEqual([all.count, all.max]);
    }),
  );
});

test("an empty histogram reports 0 everywhere", () => {
  const histogram = histogramOf([]);
  expect([histogram.count, histogram.mean, histogram.max, histogram.quantile(0.5)]).toEqual([
    0, 0, 0, 0,
  ]);
});

test("a negative time and one beyond 2^50 us break an invariant", () => {
  expect(() => histogramOf([-1])).toThrow("negative");
  expect(() => histogramOf([2 ** 51])).toThrow("2^50");
  expect(() => histogramOf([Number.NaN])).toThrow("negative");
});

test("the rank of 0.07 in 100 values is 7, although 0.07 x 100 is one last bit above 7", () => {
  expect(0.07 * 100).toBeGreaterThan(7);
  expect(rankOf(0.07, 100)).toBe(7);
  expect([rankOf(0, 10), rankOf(1, 10), rankOf(0.5, 0)]).toEqual([1, 10, 0]);
});
