import { quantileSorted } from "d3-array";
import { expect, test } from "vitest";
import { RandomStreams } from "../../../src/basics/random.js";
import { parseCosts, withoutTimes } from "../../../src/sim/costs/costs.js";
import { CostDraws } from "../../../src/sim/costs/draws.js";
import { normalQuantile } from "../../../src/sim/costs/normal-quantile.js";
import { SHIPPED_COSTS } from "../../engine/harness.js";

test("draws have the median and the 99th percentile that the file states", () => {
  const draws = new CostDraws(
    { value: 1000, spread: 2, unit: "us", source: "test" },
    new RandomStreams(1).get("x"),
  );
  const values = Array.from({ length: 100_000 }, () => draws.next()).sort((a, b) => a - b);
  expect(quantileSorted(values, 0.5)).toBeGreaterThan(990);
  expect(quantileSorted(values, 0.5)).toBeLessThan(1010);
  expect(quantileSorted(values, 0.99)).toBeGreaterThan(1950);
  expect(quantileSorted(values, 0.99)).toBeLessThan(2050);
});

test("the normal quantile agrees with the tables: 0.975 is at 1.96, 0.99 at 2.3263, 0.001 at -3.0902", () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
  expect(normalQuantile(0.99)).toBeCloseTo(2.326348, 5);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232, 5);
});

test("a cost file that lacks a cost, or has a negative one, is refused, and the message names it", () => {
  const { load: _, ...rest } = SHIPPED_COSTS.costs;
  expect(() => parseCosts(JSON.stringify({ ...SHIPPED_COSTS, costs: rest }), "my.json")).toThrow(
    /^my\.json: costs\.load: /,
  );
  const negative = {
    ...SHIPPED_COSTS,
    costs: { ...SHIPPED_COSTS.costs, load: { ...SHIPPED_COSTS.costs.load, value: -1 } },
  };
  expect(() => parseCosts(JSON.stringify(negative), "my.json")).toThrow(
    /^my\.json: costs\.load\.value: /,
  );
  expect(() => parseCosts("{", "my.json")).toThrow(/^my\.json: not JSON/);
});

test("a file of an earlier form is refused, and the message says how to make a new one", () => {
  const old = { ...SHIPPED_COSTS, schema: "socklab.costs/1" };
  expect(() => parseCosts(JSON.stringify(old), "old.json")).toThrow(
    /^old\.json: schema: .*socklab\.costs\/2.*socklab calibrate writes one$/,
  );
});

test("a measured distribution whose values fall is refused", () => {
  const load = { ...SHIPPED_COSTS.costs.load, sample: [1, 3, 2] };
  const costs = { ...SHIPPED_COSTS, costs: { ...SHIPPED_COSTS.costs, load } };
  expect(() => parseCosts(JSON.stringify(costs), "my.json")).toThrow(
    /^my\.json: costs\.load\.sample: values must rise/,
  );
});

test("without times every cost in time is 0, and a run takes the requested time", () => {
  const { costs, contention } = withoutTimes(SHIPPED_COSTS);
  expect(contention).toBeUndefined();
  for (const [name, { value, unit, sample }] of Object.entries(costs)) {
    if (unit === "us" || unit === "us/MiB") expect([value, sample], name).toEqual([0, undefined]);
  }
  expect([costs.runScale.value, costs.importScale.value, costs.installScale.value]).toEqual([
    1, 0, 0,
  ]);
});
