import { quantile } from "d3-array";
import { describe, expect, it } from "vitest";
import { RandomStreams } from "../../../src/basics/random.js";
import type { Package } from "../../../src/contract/workload.js";
import { generateCatalogue } from "../../../src/trace/generate/generate-catalogue.js";
import { packageKey } from "../../../src/trace/packages/catalogue.js";
import {
  closeOverDependencies,
  RequirementDraw,
} from "../../../src/trace/packages/requirements.js";

const large = generateCatalogue(5_000, new RandomStreams(1));

/**
 * Closure sizes of 2,000 functions drawn from a catalogue of 500 packages, the number in ReqBench.
 */
function closuresOf(seed: number): number[] {
  const streams = new RandomStreams(seed);
  const draw = new RequirementDraw(generateCatalogue(500, streams));
  const random = streams.get("closures");
  return Array.from({ length: 2_000 }, () => draw.draw(random).closure.size);
}

describe("an invented catalogue", () => {
  it("is equal for equal seeds, and different for another seed", () => {
    const of = (seed: number) => generateCatalogue(80, new RandomStreams(seed));
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });

  it.each([1, 2, 5, 500])(
    "has %s packages if that is the option, and each name==version once",
    (count) => {
      const { packages } = generateCatalogue(count, new RandomStreams(1));
      expect(new Set(packages.map(packageKey)).size).toBe(count);
    },
  );

  it("has 386 names in 500 versions, falling popularity, and dependencies without a cycle", () => {
    const catalogue = generateCatalogue(500, new RandomStreams(1));
    const { packages } = catalogue;
    expect(new Set(packages.map(({ name }) => name)).size).toBe(386);
    packages.forEach((each, id) => {
      if (id > 0) expect(each.popularity).toBeLessThanOrEqual(packages[id - 1].popularity);
      const further = each.dependencies.map((other) => closeOverDependencies(catalogue, [other]));
      expect(further.some((closure) => closure.has(id))).toBe(false);
    });
  });

  // n = 5,000: the standard error of a median is about .5 / sqrt(5000) = .007 in probability.
  it.each([
    ["installUs", 1_000, { 0.1: 481, 0.5: 540, 0.9: 860, 0.99: 2_320 }],
    ["diskBytes", 1e6, { 0.1: 0.04, 0.5: 0.35, 0.9: 5.4, 0.99: 72 }],
    ["importUs", 1_000, { 0.5: 1.5, 0.75: 7.6, 0.9: 18.5, 0.95: 39 }],
    ["memoryBytes", 4.4 * 2 ** 20, { 0.75: 0.26, 0.9: 0.8, 0.95: 1.87, 0.99: 5.7 }],
  ] as const)("has the published quantiles of %s within 30 %%", (field, unit, published) => {
    const values = large.packages.map((each) => each[field as keyof Package] as number);
    for (const [probability, expected] of Object.entries(published)) {
      const found = quantile(values, Number(probability))! / unit;
      expect(Math.abs(found / expected - 1), `p${probability}: ${found}`).toBeLessThan(0.3);
    }
  });

  it("has 14.5 % packages that import nothing and 31.8 % that need no memory", () => {
    const share = (field: "importUs" | "memoryBytes") =>
      large.packages.filter((each) => each[field] === 0).length / large.packages.length;
    expect(share("importUs")).toBeCloseTo(0.145, 1);
    expect(share("memoryBytes")).toBeCloseTo(0.318, 1);
  });

  it("makes closures as published: p50 18, mean 24.3, p90 52, within 15 % over ten seeds", () => {
    // Few packages at the bottom decide the size: over 20 seeds, the median closure of one
    // catalogue is from 14 to 26.
    const seeds = Array.from({ length: 10 }, (_, seed) => closuresOf(seed));
    const meanOf = (read: (sizes: number[]) => number) =>
      seeds.reduce((sum, sizes) => sum + read(sizes), 0) / seeds.length;
    const found = {
      p50: meanOf((sizes) => quantile(sizes, 0.5)!),
      mean: meanOf((sizes) => sizes.reduce((sum, size) => sum + size, 0) / sizes.length),
      p90: meanOf((sizes) => quantile(sizes, 0.9)!),
    };
    expect(Math.abs(found.p50 / 18 - 1), `p50 ${found.p50}`).toBeLessThan(0.15);
    expect(Math.abs(found.mean / 24.3 - 1), `mean ${found.mean}`).toBeLessThan(0.15);
    expect(Math.abs(found.p90 / 52 - 1), `p90 ${found.p90}`).toBeLessThan(0.15);
  });

  it("names dependencies as published: 53 % none, mean 1.8, at most 18", () => {
    const counts = large.packages.map(({ dependencies }) => dependencies.length);
    const none = counts.filter((count) => count === 0).length / counts.length;
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(none).toBeCloseTo(0.53, 1);
    expect(Math.abs(mean - 1.8)).toBeLessThan(0.3);
    expect(Math.max(...counts)).toBeLessThanOrEqual(18);
  });
});
