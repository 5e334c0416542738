import fc from "fast-check";
import { expect, test } from "vitest";
import { Buckets, Histogram } from "../../src/results/histogram.js";
import { startupEcdf } from "../../src/results/startup-ecdf.js";

const BUCKETS = new Buckets(10);

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram(BUCKETS);
  for (const value of values) histogram.record(value);
  return histogram;
}

test("a few values are all points: 2 of 5 starts took 0 us, 4 at most 7 us, all at most 900 us", () => {
  expect(startupEcdf(histogramOf([0, 7, 900, 0, 7]))).toEqual([
    { atMostUs: 0, count: 2 },
    { atMostUs: 7, count: 4 },
    { atMostUs: 900, count: 5 },
  ]);
});

test("without a recorded time the distribution is empty", () => {
  expect(startupEcdf(histogramOf([]))).toEqual([]);
});

test("every point counts exactly the values up to it, even if many points are left out", () => {
  const values = fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(values, (times) => {
      const points = startupEcdf(histogramOf(times));
      expect(points.length).toBeLessThanOrEqual(200);
      expect(points.at(-1)).toEqual({ atMostUs: Math.max(...times), count: times.length });
      for (const { atMostUs, count } of points) {
        expect(count).toBe(times.filter((time) => time <= atMostUs).length);
      }
    }),
  );
});

test("a million different times from 1 us to 12 days give at most 200 points", () => {
  const times = Array.from({ length: 100_000 }, (_, i) => Math.floor(1.00028 ** i));
  expect(startupEcdf(histogramOf(times)).length).toBeLessThanOrEqual(200);
});
