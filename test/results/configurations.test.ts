import { expect, test } from "vitest";
import { InputError } from "../../src/basics/errors.js";
import { compare, groupConfigurations, summarise } from "../../src/results/configurations.js";
import { METRICS } from "../../src/results/metrics.js";
import type { Result } from "../../src/results/result.js";
import type { ResultPolicy, RunDescription } from "../../src/results/run-schema.js";
import { sampleResult } from "./samples.js";

const STARTUP = METRICS.find(({ name }) => name === "startupMeanUs")!;
const IMPORT_HITS = METRICS.find(({ name }) => name === "importHitRatio")!;

test("results of one configuration are grouped over their seeds, in seed order", () => {
  const groups = groupConfigurations([
    resultOf({ seed: 2, memoryBytes: 1 }, 30),
    resultOf({ seed: 1, memoryBytes: 2 }, 50),
    resultOf({ seed: 1, memoryBytes: 1 }, 10),
  ]);
  expect(groups.map(({ memoryBytes, results }) => [memoryBytes, results.length])).toEqual([
    [1, 2],
    [2, 1],
  ]);
  expect(groups[0].results.map(({ run }) => run.seed)).toEqual([1, 2]);
  expect(summarise(groups[0], STARTUP)).toMatchObject({ count: 2, mean: 20 });
});

test("a label has what differs within a preset, and nothing else", () => {
  const zygote = (nodes: number): ResultPolicy => ({ name: "forklift", parameters: { nodes } });
  const { policy } = sampleResult().run;
  const labels = groupConfigurations([
    resultOf({ memoryBytes: 1, policy: { ...policy, preset: "forklift", zygote: zygote(20) } }),
    resultOf({ memoryBytes: 2, policy: { ...policy, preset: "forklift", zygote: zygote(40) } }),
    resultOf({ memoryBytes: 2 }),
    resultOf({ memoryBytes: 4 }),
  ]).map(({ label }) => label);
  expect(labels).toEqual(["forklift zygote.nodes=20", "forklift zygote.nodes=40", "sock", "sock"]);
});

test("a policy from a file is labelled by its name, and by its file only if two files have policies of one name", () => {
  const { policy, options } = sampleResult().run;
  const evicting = (name: string, policyFiles?: string) =>
    resultOf({
      policy: { ...policy, evict: { name, parameters: {} } },
      options: { ...options, ...(policyFiles && { policyFiles }) },
    });
  const labelsOf = (...results: readonly Result[]) =>
    groupConfigurations(results).map(({ label }) => label);
  expect(labelsOf(evicting("lru"), evicting("mine", "./mine.js"))).toEqual([
    "sock evict=lru",
    "sock evict=mine",
  ]);
  expect(labelsOf(evicting("mine", "./a.js"), evicting("mine", "./b.js"))).toEqual([
    "sock policyFiles=./a.js",
    "sock policyFiles=./b.js",
  ]);
});

test("real runs with different container options or a different index are different configurations", () => {
  const { options } = sampleResult().run;
  const labels = groupConfigurations([
    resultOf({ backend: "real", real: { network: "host", python: null } }),
    resultOf({ backend: "real", real: { network: "none", python: null } }),
    resultOf({ options: { ...options, index: "wheels" } }),
  ]).map(({ label }) => label);
  expect(labels.map((label) => label.match(/(network|index)=\S+/g))).toEqual([
    expect.arrayContaining(["network=host"]),
    expect.arrayContaining(["network=none"]),
    expect.arrayContaining(["index=wheels"]),
  ]);
});

test("a difference is over the seeds that both configurations have", () => {
  const [base, other] = groupConfigurations([
    ...[1, 2, 3].map((seed) => resultOf({ seed, memoryBytes: 1 }, 100 * seed)),
    ...[2, 3, 4].map((seed) => resultOf({ seed, memoryBytes: 2 }, 100 * seed + seed)),
  ]);
  // seed 2: 202 - 200, seed 3: 303 - 300
  expect(compare(other, base, STARTUP)).toMatchObject({ count: 2, mean: 2.5 });
});

test("a number that a result lacks is null, and never 0", () => {
  const result = resultOf({});
  const tiers = { ...result.tiers, import: { ...result.tiers.import, hitRatio: null } };
  const [group] = groupConfigurations([{ ...result, tiers }]);
  expect(summarise(group, IMPORT_HITS)).toBeNull();
  expect(compare(group, group, IMPORT_HITS)).toBeNull();
});

test("a result given twice counts once; two results of one seed with different decisions are an error", () => {
  const once = resultOf({ seed: 1 }, 10);
  expect(groupConfigurations([once, once])[0].results).toHaveLength(1);
  const other = { ...once, run: { ...once.run, digest: "ffff" } };
  expect(() => groupConfigurations([once, other])).toThrow(InputError);
});

function resultOf(run: Partial<RunDescription>, startupUs = 1): Result {
  const result = sampleResult();
  const startup = { ...result.timesUs.startup, mean: startupUs };
  return {
    ...result,
    run: { ...result.run, ...run },
    timesUs: { ...result.timesUs, startup },
  };
}
