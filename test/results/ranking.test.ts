import { expect, test } from "vitest";
import { groupConfigurations } from "../../src/results/configurations.js";
import { METRICS } from "../../src/results/metrics.js";
import { rank } from "../../src/results/ranking.js";
import type { Result } from "../../src/results/result.js";
import { sampleResult } from "./samples.js";

const STARTUP = METRICS.find(({ name }) => name === "startupMeanUs")!;

/** One configuration per policy; its startups are those of seeds 1, 2, ... */
function rankingOf(startupsUs: Readonly<Record<string, readonly number[]>>) {
  const results = Object.entries(startupsUs).flatMap(([preset, values]) =>
    values.map((mean, at): Result => {
      const { run, timesUs, ...rest } = sampleResult();
      const policy = { ...run.policy, preset };
      return {
        ...rest,
        run: { ...run, seed: at + 1, policy },
        timesUs: { ...timesUs, startup: { ...timesUs.startup, mean } },
      };
    }),
  );
  const { leaders, uncertain, next, isSettled } = rank(groupConfigurations(results), STARTUP);
  const names = (all: typeof leaders) => all.map(({ label }) => label);
  return {
    ...{ leaders: names(leaders), uncertain: names(uncertain) },
    ...{ next: next?.configuration.label, isSettled },
  };
}

test("a policy with the worst mean is not one of the best because it varies too much to be distinguished", () => {
  // b - a is 16, 17, 18 us: apart. noisy - a is 0, 10, 20 thousand us: mean 10,000, deviation 10,000,
  // reach 4.303 x 10,000 / sqrt(3) = 24,800, which contains 0.
  const a = [4470, 4480, 4490];
  const b = a.map((us, at) => us + 16 + at);
  const noisy = a.map((us, at) => us + 10_000 * at);
  expect(rankingOf({ noisy, a, b })).toEqual({
    ...{ leaders: ["a"], uncertain: ["noisy"], next: "b", isSettled: false },
  });
  expect(rankingOf({ a, b })).toMatchObject({ leaders: ["a"], uncertain: [], isSettled: true });
});

test("the one with the best mean leads, then those not distinguished from it that are better than each distinguished one", () => {
  const a = [100, 101, 102];
  const near = [103, 99, 105]; // minus a: 3, -2, 3
  const far = [200, 201, 203];
  expect(rankingOf({ far, near, a })).toEqual({
    ...{ leaders: ["a", "near"], uncertain: [], next: "far", isSettled: false },
  });
});
