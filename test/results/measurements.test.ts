import { describe, expect, test } from "vitest";
import type { BenchResult } from "../../src/results/bench-result.js";
import { benchText } from "../../src/results/bench-text.js";
import { type Case, measured, missed, ratioOf } from "../../src/results/measurements.js";

const CASE: Case = { contender: "ours", does: "all of it", metric: "time", unit: "us" };
const times = (contender: string, samples: readonly number[]) =>
  measured({ ...CASE, contender }, samples);
const rates = (contender: string, samples: readonly number[]) =>
  measured({ ...CASE, contender, metric: "rate", unit: "1/s" }, samples);

describe("a ratio", () => {
  test("of times is the peer's divided by ours: 60 against 3 is 20 times better", () => {
    const ratio = ratioOf({ title: "t", paper: 18 }, times("ours", [3]), times("peer", [60]));
    expect(ratio).toMatchObject({ ours: "ours", peer: "peer", ratio: 20, paper: 18, aim: null });
  });

  test("of rates is ours divided by the peer's: 60 per second against 3 is 20 times better", () => {
    expect(ratioOf({ title: "t" }, rates("ours", [60]), rates("peer", [3])).ratio).toBe(20);
  });

  test("has bounds from the ends of both medians' intervals: 10 to 20 divided by 2 to 4 is 2.5 to 10", () => {
    const ours = times("ours", [2, 2, 3, 3, 4, 4]);
    const peer = times("peer", [10, 12, 15, 15, 18, 20]);
    expect(ratioOf({ title: "t" }, ours, peer)).toMatchObject({ ratio: 5, low: 2.5, high: 10 });
  });

  test("is null if one of both was not measured, or the divisor is 0", () => {
    const gone = missed({ ...CASE, contender: "peer" }, "skipped", "it is not here");
    expect(ratioOf({ title: "t" }, times("ours", [3]), gone)).toMatchObject({ ratio: null });
    expect(ratioOf({ title: "t" }, times("ours", [0]), times("peer", [60])).ratio).toBe(null);
  });
});

test("a result's text has each metric's rows, each reason for a skip once, and whether aims are reached", () => {
  const along = (at: number): Case => ({ ...CASE, parameter: ["clients", at] });
  const gone = (at: number) =>
    missed({ ...along(at), contender: "peer" }, "skipped", "apt-get install peer");
  const ours = measured(along(1), [1000, 1500, 2000]);
  const result: BenchResult = {
    schema: "socklab.bench/1",
    bench: "containers",
    command: "socklab bench containers",
    machine: { cpu: "a processor", cores: 2, memoryBytes: 1, kernel: "Linux", node: "v20" },
    commit: "c",
    version: "0",
    startedAt: "2026-01-01T00:00:00Z",
    wallUs: 2e6,
    measurements: [ours, measured(along(2), [4000]), gone(1), gone(2)],
    ratios: [
      ratioOf({ title: "a", aim: 2 }, ours, times("slow", [3000])),
      ratioOf({ title: "b", aim: 18 }, ours, times("fast", [1500])),
      ratioOf({ title: "c", aim: 18 }, ours, gone(1)),
    ],
    warnings: ["a doubt"],
  };
  const text = benchText(result);
  expect(text).toMatch(/^containers: a processor, 2 cores, Linux, in 2 s\n/);
  expect(text).toMatch(/^ours +1 +1\.5 ms +1 ms to 2 ms +2 ms +2 ms +1\.5 ms +3$/m);
  expect(text.match(/peer skipped: apt-get install peer/g)).toHaveLength(1);
  expect(text).toMatch(/^a +ours +slow +2x .* reached$/m);
  expect(text).toMatch(/^b +ours +fast +1x .* missed$/m);
  expect(text).toMatch(/^c +ours +peer +- .* not measured$/m);
  expect(text).toContain("warning: a doubt");
});
