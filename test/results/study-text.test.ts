import { expect, test } from "vitest";
import { groupConfigurations } from "../../src/results/configurations.js";
import type { Result } from "../../src/results/result.js";
import { renderStudy } from "../../src/results/study-text.js";
import { sampleResult } from "./samples.js";

const GIB = 1024 ** 3;

test("a study shows a mean and its interval per configuration, then differences at equal memory", () => {
  const configurations = groupConfigurations([
    ...[1, 2, 3].map((seed) => resultOf("lru", seed, 1, 10_000 + 1000 * seed)),
    ...[1, 2, 3].map((seed) =>
      resultOf("sock", seed, 1, 9_000 + 1000 * seed + (seed === 1 ? 10 : 0)),
    ),
    ...[1, 2].map((seed) => resultOf("sock", seed, 2, 500)),
  ]);
  const lines = renderStudy(configurations, "t").trimEnd().split("\n");
  // 11, 12, 13 ms: deviation 1 ms, reach 4.303 x 1 / sqrt(3) = 2.48 ms
  expect(lines[1]).toMatch(/^ {2}lru +1 GiB +3 .* 12 ms ± 2\.48 ms /);
  expect(lines[3]).toMatch(/^ {2}sock +2 GiB +2 .* 500 us ± 0 /);
  // -990, -1000, -1000 us: mean -996.67, deviation 5.77, reach 14.3. The sock with 2 GiB has no
  // partner.
  expect(lines.slice(5)).toHaveLength(3);
  expect(lines[6]).toMatch(/^ {2}sock +1 GiB +3 .* -997 us ± 14\.3 us \*/);
  expect(lines[7]).toMatch(/^\* .* excludes 0$/);
});

test("one policy has no differences, one seed has no interval, and a missing number is a dash", () => {
  const result = resultOf("lru", 1, 1, 2000);
  const nothing = { ...result, invocations: { ...result.invocations, total: 0 } };
  const text = renderStudy(groupConfigurations([nothing]), "t");
  expect(text.trimEnd().split("\n")).toHaveLength(2);
  expect(text).not.toContain("±");
  expect(text).toMatch(/ 1 +- +- +2 ms /);
});

test("bootstrap intervals are written with both bounds", () => {
  const results = [1, 2, 3].map((seed) => resultOf("lru", seed, 1, 1000 * seed));
  expect(renderStudy(groupConfigurations(results), "bootstrap")).toContain("2 ms [1 ms, 3 ms]");
});

function resultOf(preset: string, seed: number, gibibytes: number, startupUs: number): Result {
  const result = sampleResult();
  const { policy } = result.run;
  return {
    ...result,
    run: { ...result.run, policy: { ...policy, preset }, seed, memoryBytes: gibibytes * GIB },
    timesUs: { ...result.timesUs, startup: { ...result.timesUs.startup, mean: startupUs } },
  };
}
