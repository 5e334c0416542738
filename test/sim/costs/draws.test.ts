import { mean, quantileSorted } from "d3-array";
import { expect, test } from "vitest";
import { RandomStreams } from "../../../src/basics/random.js";
import { meanCorrelation, rankCorrelation } from "../../../src/lab/calibrate/rank-correlation.js";
import type { Cost } from "../../../src/sim/costs/costs.js";
import { CorrelatedNormals, CostDraws } from "../../../src/sim/costs/draws.js";
import { normalQuantile } from "../../../src/sim/costs/normal-quantile.js";

const COST: Cost = { value: 10, spread: 1, unit: "us", source: "test" };
const COUNT = 50_000;

const stream = (name: string) => new RandomStreams(1).get(name);
const many = (draw: () => number) => Array.from({ length: COUNT }, draw);

test("draws follow the sample, not value and spread: three of four values are 10, one is 1000", () => {
  // quantiles of 10, 10, 10, 10, 1000 at 0, 1/4, .. 1: flat to 3/4, then a straight line up to 1000
  const draws = new CostDraws({ ...COST, sample: [10, 10, 10, 10, 1000] }, stream("x"));
  const values = many(() => draws.next()).sort((a, b) => a - b);
  expect(values[0]).toBe(10);
  expect(quantileSorted(values, 0.74)).toBe(10);
  // at 7/8, half of the way up: 505
  expect(quantileSorted(values, 0.875)).toBeGreaterThan(480);
  expect(quantileSorted(values, 0.875)).toBeLessThan(530);
});

test("a draw at a normal number is the value at its quantile: at -1.96, 0 and 1.96 in 0 to 100", () => {
  const sample = Array.from({ length: 101 }, (_, at) => at);
  const draws = new CostDraws({ ...COST, sample }, stream("x"));
  for (const [normal, quantile] of [
    [-1.96, 2.5],
    [0, 50],
    [1.96, 97.5],
    [9, 100],
  ] as const) {
    expect(Math.abs(draws.at(normal) - quantile), String(normal)).toBeLessThan(0.2);
  }
});

test("draws at normal numbers have the same distribution as independent draws", () => {
  const draws = new CostDraws({ ...COST, value: 1000, spread: 2 }, stream("x"));
  const random = stream("y");
  const values = many(() => draws.at(normalQuantile(random.next()))).sort((a, b) => a - b);
  expect(quantileSorted(values, 0.5)).toBeGreaterThan(985);
  expect(quantileSorted(values, 0.5)).toBeLessThan(1015);
  expect(quantileSorted(values, 0.99)).toBeGreaterThan(1930);
  expect(quantileSorted(values, 0.99)).toBeLessThan(2070);
});

test("parts of one operation correlate as measured, within 0.02, and so do successive operations", () => {
  const normals = new CorrelatedNormals(0.6, 0.3, stream("x"));
  const parts: number[][] = [[], [], []];
  for (let operation = 0; operation < COUNT; operation++) {
    normals.begin();
    for (const part of parts) part.push(normals.next());
  }
  expect(Math.abs(meanCorrelation(parts) - 0.6)).toBeLessThan(0.02);
  for (const part of parts) {
    expect(Math.abs(rankCorrelation(part.slice(1), part.slice(0, -1)) - 0.3)).toBeLessThan(0.02);
    expect(Math.abs(mean(part)!)).toBeLessThan(0.05);
  }
});

test("without correlation parts are independent, and a sum spreads less than with it", () => {
  const sums = [0, 0.8].map((within) => {
    const normals = new CorrelatedNormals(within, 0, stream("x"));
    const draws = new CostDraws({ ...COST, value: 100, spread: 2 }, stream("y"));
    const totals = many(() => {
      normals.begin();
      return draws.at(normals.next()) + draws.at(normals.next());
    }).sort((a, b) => a - b);
    return quantileSorted(totals, 0.99)! / quantileSorted(totals, 0.5)!;
  });
  // One part's p99 is twice its median. If the parts were fully correlated, the sum's would be too.
  // Independent parts add their variances, so it is near 2 to the power of 1/sqrt(2), 1.63.
  expect(sums[0]).toBeLessThan(1.72);
  expect(sums[1]).toBeGreaterThan(1.83);
});
