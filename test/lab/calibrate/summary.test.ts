import { expect, test } from "vitest";
import { demandFrom } from "../../../src/lab/calibrate/contention.js";
import {
  meanAutocorrelation,
  meanCorrelation,
  rankCorrelation,
} from "../../../src/lab/calibrate/rank-correlation.js";
import { costOf, medianInterval, robustLine, shifted } from "../../../src/lab/calibrate/summary.js";

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

test("a cost is the median of the measured values, with their n; its spread is p99 divided by p50", () => {
  // 0 to 200: median 100, 99th percentile 198.
  const cost = costOf(from(0, 200).reverse(), "us", "test");
  expect(cost).toMatchObject({ value: 100, spread: 1.98, n: 201, unit: "us", source: "test" });
});

test("outliers are kept: the ends of the sample are the smallest and the largest value", () => {
  const { sample } = costOf([...from(1, 998), 50_000], "us", "test");
  expect(sample).toHaveLength(200);
  expect(sample!.at(0)).toBe(1);
  expect(sample!.at(-1)).toBe(50_000);
});

test("the median's interval for n = 100 is from the 41st to the 60th value", () => {
  // 50 -+ 0.98 x 10 = 40.2 and 59.8: indices 40 and 59 of the sorted values.
  expect(medianInterval(from(1, 100))).toEqual([41, 60]);
});

test("the interval of few values contains all of them", () => {
  expect(medianInterval([3, 5, 8])).toEqual([3, 8]);
});

test("the interval contains the true median for about 95 of 100 samples", () => {
  let state = 1;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  let held = 0;
  for (let round = 0; round < 2_000; round++) {
    const [low, high] = medianInterval(Array.from({ length: 60 }, random).sort((a, b) => a - b));
    if (low <= 0.5 && 0.5 <= high) held++;
  }
  expect(held / 2_000).toBeGreaterThan(0.93);
  expect(held / 2_000).toBeLessThan(0.98);
});

test("one point that is far off does not move the line", () => {
  // y = 10 + 3 x, except at x = 4.
  const line = robustLine([
    [0, 10],
    [1, 13],
    [2, 16],
    [3, 19],
    [4, 500],
    [5, 25],
    [6, 28],
  ]);
  expect(line).toEqual({ slope: 3, intercept: 10 });
});

test("a line that falls counts as flat", () => {
  expect(
    robustLine([
      [0, 5],
      [1, 4],
      [2, 3],
    ]),
  ).toEqual({ slope: 0, intercept: 4 });
});

test("a shifted cost moves as a whole, and not below 0", () => {
  const cost = shifted(costOf([10, 100, 200], "us", "test"), -50, "less 50");
  expect(cost).toMatchObject({ value: 50, sample: [0, 50, 150], source: "test, less 50" });
});

test("rank correlation is 1 if both rise, -1 if one falls, 0.8 if two neighbours of four are swapped", () => {
  expect(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1_000])).toBe(1);
  expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
  // differences of ranks 0, 1, -1, 0: 1 - 6 x 2 / (4 x 15) = 0.8
  expect(rankCorrelation([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(0.8, 12);
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBe(0);
});

test("equal values share the mean of their ranks: 0, 1.5, 1.5, 3 against 0 to 3 correlate by 0.9487", () => {
  // products of deviations -1.5 x -1.5 + 0 + 0 + 1.5 x 1.5 = 4.5; squares 4.5 and 5; 4.5 / sqrt(22.5)
  expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
});

test("correlations are means over pairs of series, or over each series with itself one step later", () => {
  // pairs: 1 and 2 rise together (1), 3 falls while both rise (-1, -1)
  expect(
    meanCorrelation([
      [1, 2, 3],
      [4, 5, 6],
      [3, 2, 1],
    ]),
  ).toBeCloseTo(-1 / 3, 12);
  expect(meanAutocorrelation([[1, 2, 3, 4, 5]])).toBe(1);
  expect(meanAutocorrelation([[1, 2, 1, 2, 1]])).toBe(-1);
});

test("a demand explains the measured slowdown: 4 at once on 2 cores that take 1.5 times as long have a demand of 0.75", () => {
  // 4 x 0.75 / 2 = 1.5
  expect(demandFrom([{ atOnce: 4, slowdown: 1.5 }], 2)).toBe(0.75);
  // serial work: k at once take k times as long, and 8 x 2 / 2 = 8
  const serial = [1, 2, 4, 8].map((atOnce) => ({ atOnce, slowdown: atOnce }));
  expect(demandFrom(serial, 2)).toBe(2);
  expect(demandFrom([{ atOnce: 2, slowdown: 1 }], 2)).toBe(1);
});
