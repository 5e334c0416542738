import fc from "fast-check";
import { expect, test } from "vitest";
import { FunctionTimes } from "../../src/results/counters/function-times.js";
import { Buckets, Histogram } from "../../src/results/histogram.js";

const BUCKETS = new Buckets(10);
const FUNCTIONS = 70_000;

test("a function's p50 and p99 equal those of a histogram for this function alone", () => {
  const draw = fc.record({
    functionId: fc.constantFrom(0, 1, 2, 20_000, FUNCTIONS - 1),
    timeUs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 }), fc.nat()),
  });
  fc.assert(
    fc.property(fc.array(draw, { maxLength: 3000, minLength: 1, size: "max" }), (draws) => {
      const times = new FunctionTimes(BUCKETS);
      const counts = new Int32Array(FUNCTIONS);
      const histograms = new Map<number, Histogram>();
      for (const { functionId, timeUs } of draws) {
        counts[functionId]++;
        if (timeUs > 0) times.record(functionId, timeUs);
        const histogram = histograms.get(functionId) ?? new Histogram(BUCKETS);
        histograms.set(functionId, histogram);
        histogram.record(timeUs);
      }
      const quantiles = times.quantiles(counts);
      for (const [functionId, histogram] of histograms) {
        for (const [name, p] of [
          ["p50", 0.5],
          ["p99", 0.99],
        ] as const) {
          const difference = Math.abs(quantiles[functionId][name] - histogram.quantile(p));
          // A histogram reports at most its exact maximum; the table has only the bucket.
          expect(difference).toBeLessThanOrEqual(histogram.max * BUCKETS.relativeError);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test("a function with only warm starts waits 0, and so does one that was never called", () => {
  const times = new FunctionTimes(BUCKETS);
  times.record(1, 500);
  expect(times.quantiles([9, 1, 0])).toEqual([
    { p50: 0, p75: 0, p90: 0, p95: 0, p99: 0 },
    { p50: 500, p75: 500, p90: 500, p95: 500, p99: 500 },
    { p50: 0, p75: 0, p90: 0, p95: 0, p99: 0 },
  ]);
});

test("one slow start in a hundred is the maximum, not the p99; two are the p99", () => {
  const times = new FunctionTimes(BUCKETS);
  times.record(0, 700);
  times.record(1, 700);
  times.record(1, 700);
  // rank ceil(0.99 x 100) = 99 of 100
  expect(times.quantiles([100, 100]).map(({ p99 }) => p99)).toEqual([0, 700]);
});
