import { deviation, mean } from "d3-array";
import { expect, test } from "vitest";
import { drawNormal, RandomStreams } from "../../src/basics/random.js";

const draw = (seed: number, name: string, count: number) => {
  const stream = new RandomStreams(seed).get(name);
  return Array.from({ length: count }, () => stream.next());
};

test("a stream depends on seed and name alone", () => {
  expect(draw(1, "arrivals", 5)).toEqual(draw(1, "arrivals", 5));
  expect(draw(1, "arrivals", 5)).not.toEqual(draw(2, "arrivals", 5));
  expect(draw(1, "arrivals", 5)).not.toEqual(draw(1, "costs", 5));
});

test("10,000 normal draws have mean 0 and deviation 1 within four standard errors", () => {
  const stream = new RandomStreams(1).get("normal");
  const values = Array.from({ length: 10_000 }, () => drawNormal(stream));
  expect(Math.abs(mean(values)!)).toBeLessThan(4 / Math.sqrt(10_000));
  expect(Math.abs(deviation(values)! - 1)).toBeLessThan(4 / Math.sqrt(20_000));
});
