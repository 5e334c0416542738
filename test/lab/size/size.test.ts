import { expect, test } from "vitest";
import { smallest } from "../../../src/lab/size/smallest.js";
import { sizeSchema } from "../../../src/results/size/size-result.js";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";

test("bisection finds each boundary of 13 sizes, asks at most 5 times, and only once if nothing fits", async () => {
  for (let boundary = 0; boundary <= 13; boundary++) {
    const asked: number[] = [];
    const found = await smallest(13, async (index) => {
      asked.push(index);
      return index >= boundary;
    });
    expect(found).toBe(boundary);
    // The largest first, then 12 others in ceil(log2 13) = 4 questions.
    expect(asked.length).toBeLessThanOrEqual(boundary === 13 ? 1 : 5);
    expect(new Set(asked).size).toBe(asked.length);
  }
});

const TINY = ["traces/tiny", "--policy", "keep-all", "--seeds", "2", "--step", "1.3"];

test("size finds the memory at which a run meets the goal and one step less does not, for each seed", async () => {
  const goal = "handlerHitRatio>=0.8";
  const told = await runCli("size", ...TINY, "--goal", goal, "--json");
  expect(told.err).toBe("");
  const size = sizeSchema.parse(JSON.parse(told.out));
  expect(size.seeds.length).toBe(2);
  for (const { seed, memoryBytes } of size.seeds) {
    const hits = async (bytes: number) => {
      const options = ["--memory", `${bytes}B`, "--seed", String(seed), "--json"];
      const run = await runCli("run", "traces/tiny", "--policy", "keep-all", ...options);
      return JSON.parse(run.out).tiers.handler.hitRatio;
    };
    expect(await hits(memoryBytes!)).toBeGreaterThanOrEqual(0.8);
    expect(await hits(Math.floor(memoryBytes! / 1.3))).toBeLessThan(0.8);
  }
  expect(size.memoryBytes).toBe(Math.max(...size.seeds.map(({ memoryBytes }) => memoryBytes!)));
  const text = await runCli("size", ...TINY, "--goal", goal);
  expect(text.out).toMatch(/with every seed; mean of 2 seeds .* 95 % interval/);
  expect(text.out).toMatch(/2 of 2/);
});

test("a goal that no size meets is said, with exit code 1", async () => {
  const told = await runCli("size", ...TINY, "--most", "1GiB", "--goal", "startup.max<=1us");
  expect(told.exitCode).toBe(1);
  expect(told.out).toMatch(/startup\.max<=1us: no size of those allowed/);
});

test("bad goals and sizes are one line and exit code 2, with the nearest name", async () => {
  const bad = [
    [["--goal", "fast"], /"fast" is not a goal, expected .* startup\.p99<=50ms/],
    [
      ["--goal", "startup.p98<=50ms"],
      /no measure is called "startup\.p98" \(did you mean "startup\.p9/,
    ],
    [["--goal", "startup.p99<=50"], /--goal/],
    [["--goal", "coldRatio<=2"], /"2" is not a share/],
    [["--goal", "coldRatio<=1%", "--least", "2GiB", "--most", "1GiB"], /the smaller one first/],
  ] as const;
  for (const [options, message] of bad) {
    const refused = await runCli("size", "traces/tiny", ...options);
    expect(refused.exitCode).toBe(2);
    expect(refused.err).toMatch(message);
    expect(refused.err.trim().split("\n").length).toBe(1);
  }
});

test("the answer is written as a file too", async () => {
  const out = `${await temporaryFolder()}/size.json`;
  await runCli("size", ...TINY, "--goal", "coldRatio<=50%", "-o", out);
  const { readFile } = await import("node:fs/promises");
  expect(sizeSchema.parse(JSON.parse(await readFile(out, "utf8"))).runs).toBeGreaterThan(1);
});
