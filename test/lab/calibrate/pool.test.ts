import { expect, test } from "vitest";
import { poolCosts, requireMeasuredOn } from "../../../src/lab/calibrate/pool.js";
import { costOf } from "../../../src/lab/calibrate/summary.js";
import type { Costs } from "../../../src/sim/costs/costs.js";
import { SHIPPED_COSTS } from "../../engine/harness.js";

const MEASURED = {
  cpu: "some",
  cores: 2,
  kernel: "Linux 6.1",
  python: "3.11.2",
  node: "v20",
  date: "2026-11-21T18:00:00.000Z",
  version: "0.1.0",
  commit: "abc",
};

function calibration(loads: readonly number[], demand: number, speed: number): Costs {
  const { costs } = SHIPPED_COSTS;
  return {
    ...SHIPPED_COSTS,
    measured: MEASURED,
    costs: {
      ...costs,
      load: costOf(loads, "us", "loads"),
      installDemand: { ...costs.installDemand, value: demand },
    },
    contention: { burn: [{ jobsPerCore: 1, speed }], creations: [] },
  };
}

test("samples are pooled, fitted values and speeds are averaged, and assumptions are kept", () => {
  const before = calibration([100, 200, 300], 1, 1);
  const after = calibration([400, 500], 1.2, 0.9);
  const { costs, contention } = poolCosts(before, after);
  expect(costs.load).toMatchObject({ value: 300, n: 5, sample: [100, 200, 300, 400, 500] });
  expect(costs.installDemand.value).toBe(1.1);
  expect(contention!.burn).toEqual([{ jobsPerCore: 1, speed: 0.95 }]);
  expect(costs.runCpuDemand).toEqual(before.costs.runCpuDemand);
});

test("a calibration of another or an unknown machine is refused, and the error names the file", () => {
  const here = calibration([1, 2], 1, 1);
  const other: Costs = { ...here, measured: { ...MEASURED, kernel: "Linux 6.18" } };
  expect(() => requireMeasuredOn(MEASURED, here, "a.json")).not.toThrow();
  expect(() => requireMeasuredOn(MEASURED, other, "b.json")).toThrow(
    "--with: b.json was measured on another machine (kernel Linux 6.18, here Linux 6.1)",
  );
  const { measured: _, ...byHand } = here;
  expect(() => requireMeasuredOn(MEASURED, byHand, "c.json")).toThrow("cpu unknown");
});
