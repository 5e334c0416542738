import { expect, test } from "vitest";
import { Cores } from "../../../src/sim/sharing/cores.js";
import { efficiencyAt, efficiencyOf } from "../../../src/sim/sharing/efficiency.js";

const CONTENTION = {
  burn: [
    { jobsPerCore: 0.5, speed: 1 },
    { jobsPerCore: 1, speed: 0.8 },
    { jobsPerCore: 2, speed: 0.4 },
  ],
  creations: [],
};

test("efficiency is speed divided by that of sharing without loss, interpolated linearly", () => {
  const efficiency = efficiencyOf(CONTENTION)!;
  expect(efficiencyAt(efficiency, 0)).toBe(1);
  expect(efficiencyAt(efficiency, 0.5)).toBe(1);
  expect(efficiencyAt(efficiency, 0.75)).toBeCloseTo(0.9, 9); // half way from 1 to 0.8
  expect(efficiencyAt(efficiency, 1)).toBeCloseTo(0.8, 9);
  expect(efficiencyAt(efficiency, 2)).toBeCloseTo(0.8, 9); // 0.4 of half a core each
  expect(efficiencyAt(efficiency, 17)).toBeCloseTo(0.8, 9);
  expect(efficiencyOf({ burn: [], creations: [] })).toBeUndefined();
});

test("two jobs on two cores that lose a fifth end after 1250 us instead of 1000", () => {
  const cores = new Cores(2_000, CONTENTION);
  cores.add(1, false, 1_000, 1_000, 0);
  expect(cores.nextUs).toBe(1_000); // alone on two cores: load 0.5
  cores.add(2, false, 1_000, 1_000, 0);
  expect(cores.nextUs).toBe(1_250); // 1000 / 0.8
  cores.next(() => 1_000);
  expect(cores.next(() => 1_000)).toBe(2);
});
