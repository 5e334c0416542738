import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type RandomStream, RandomStreams } from "../../../src/basics/random.js";
import { findBound } from "../../../src/lab/bound/find-bound.js";
import { MostSaved } from "../../../src/lab/bound/most-saved.js";
import { usesOf } from "../../../src/lab/bound/reuses-of-levels.js";
import { performRun } from "../../../src/lab/run/perform-run.js";
import { USUAL_RUN } from "../../../src/lab/run/run-settings.js";
import { boundSchema } from "../../../src/results/bound/trace-bound.js";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";
import { leastMisses, type SmallCall } from "./least-misses.js";

const TRACES = 10_000;
const GIB = 2 ** 30;

/** Up to 3 functions of 1 to 3 bytes, 10 calls of 0 to 6 steps within 20 steps, room for 1 to 7 bytes. */
function smallTrace(random: RandomStream) {
  const draw = (from: number, to: number) => from + Math.floor(random.next() * (to - from + 1));
  const functions = draw(1, 3);
  const calls = Array.from({ length: 10 }, () => ({
    functionId: draw(0, functions - 1),
    at: draw(0, 20),
    run: draw(0, 6),
  })).toSorted((a, b) => a.at - b.at);
  return { calls, bytes: Array.from({ length: functions }, () => draw(1, 3)), room: draw(1, 7) };
}

function boundOf(calls: readonly SmallCall[], bytes: readonly number[], room: number): number {
  const arrivals = bytes.map((_, functionId) => {
    const own = calls.filter((call) => call.functionId === functionId);
    return {
      atUs: Float64Array.from(own, ({ at }) => at),
      runUs: Float64Array.from(own, ({ run }) => run),
    };
  });
  const untilUs = Math.max(...calls.map(({ at, run }) => at + run));
  const uses = usesOf(arrivals, { fromUs: 0, untilUs }, 1);
  const saved = new MostSaved({
    count: uses.count,
    kept: uses.heldUs,
    bytes: Float64Array.from(uses.functionId, (id) => bytes[id]),
    worth: new Float64Array(uses.functionId.length).fill(1),
  });
  return uses.invocations - saved.within(room, untilUs);
}

test(`in ${TRACES} random traces with runs at once, the exact least number of misses is not below the bound`, () => {
  const random = new RandomStreams(1).get("lab/bound");
  let tight = 0;
  for (let trace = 0; trace < TRACES; trace++) {
    const { calls, bytes, room } = smallTrace(random);
    const bound = Math.ceil(boundOf(calls, bytes, room) - 1e-6);
    const least = leastMisses(calls, bytes, room);
    expect(bound, `trace ${trace}: ${JSON.stringify({ calls, bytes, room })}`).toBeLessThanOrEqual(
      least,
    );
    if (bound === least) tight++;
  }
  expect(tight).toBeGreaterThan(TRACES / 10); // a bound of 0 would be a bound too
});

describe("levels", () => {
  const f = (atUs: readonly number[], runUs: readonly number[]) => [
    { atUs: Float64Array.from(atUs), runUs: Float64Array.from(runUs) },
  ];

  test("the second of two at once reuses the second container, held since two last ran", () => {
    // Runs [0, 10), [5, 8), [20, 30), [25, 26). At 20 level 1 was left at 10: 10 idle + 10 of run. At 25
    // level 2 was left at 8: 17 + 1. The first two arrivals have no container before.
    const uses = usesOf(f([0, 5, 20, 25], [10, 3, 10, 1]), { fromUs: 0, untilUs: 40 }, 1);
    expect(uses.invocations).toBe(4);
    expect([...uses.heldUs.subarray(0, uses.count)]).toEqual([20, 18]);
  });

  test("in a span from 15 to 28, what was held before and after it counts as nothing", () => {
    const uses = usesOf(f([0, 5, 20, 25], [10, 3, 10, 1]), { fromUs: 15, untilUs: 28 }, 1);
    // From 15 to 28, and from 15 to 26: both are reuses, because containers were made before.
    expect(uses.invocations).toBe(2);
    expect([...uses.heldUs.subarray(0, uses.count)]).toEqual([13, 11]);
  });
});

test("PFOO-L: of reuses of 20, 18 and 40 byte-us, a cache of 3 bytes in 16 us has the first two and a quarter of the third", () => {
  const reuses = {
    count: 3,
    kept: Float64Array.of(20, 9, 40),
    bytes: Float64Array.of(1, 2, 1),
    worth: Float64Array.of(1, 1, 1),
  };
  // 3 x 16 = 48 = 18 + 20 + 10, and 10 of 40 is a quarter.
  expect(new MostSaved(reuses).within(3, 16)).toBe(2.25);
  // With one byte the second never fits: 16 of 20 byte-us.
  expect(new MostSaved(reuses).within(1, 16)).toBe(0.8);
  expect(new MostSaved(reuses).within(Number.POSITIVE_INFINITY, 1)).toBe(3);
});

test("no run of the demo has more hits than the bound, whichever policy evicts, and oracles come nearer", async () => {
  const trace = "traces/demo";
  const memories = [3 * GIB, 4 * GIB];
  const bound = await findBound({ ...USUAL_RUN, trace }, memories);
  expect(boundSchema.parse(bound)).toEqual(bound);
  for (const [at, memoryBytes] of memories.entries()) {
    const hits = async (set: string, policy = "keep-all") => {
      const settings = { ...USUAL_RUN, trace, memoryBytes, policy, set: set === "" ? [] : [set] };
      return (await performRun(settings)).tiers.handler.hitRatio!;
    };
    const lru = await hits("evict=lru");
    const oracle = await hits("evict=belady-size");
    expect(lru).toBeLessThan(oracle);
    expect(oracle).toBeLessThanOrEqual(bound.points[at].hitRatio);
    // containers that share a Zygote's pages are smaller, so another bound holds for them
    expect(await hits("", "forklift")).toBeLessThanOrEqual(bound.points[at].forkedHitRatio);
  }
});

test("with unlimited memory the bound is the number of first uses, and keep-all misses no fewer", async () => {
  const settings = { ...USUAL_RUN, trace: "traces/tiny", runTimes: "zero" as const };
  const bound = await findBound(settings, [Number.POSITIVE_INFINITY]);
  expect(bound.points[0].misses).toBe(bound.firstUses);
  const run = await performRun({ ...settings, policy: "keep-all", memoryBytes: 64 * GIB });
  expect(bound.firstUses).toBeLessThanOrEqual(run.invocations.cold + run.invocations.delayedWarm);
});

test("socklab bound prints a table or JSON and writes the file; bad sizes and traces are one line and exit code 2", async () => {
  const folder = await temporaryFolder();
  const out = `${folder}/bound.json`;
  const told = await runCli("bound", "traces/tiny", "--memory", "1GiB,512MiB", "-o", out);
  expect(told.out).toMatch(/memory +misses +hits[\s\S]*512 MiB[\s\S]*1 GiB/);
  const json = await runCli("bound", "traces/tiny", "--memory", "1GiB,512MiB", "--json");
  expect(boundSchema.parse(JSON.parse(json.out)).points.length).toBe(2);
  for (const bad of [
    ["traces/tiny", "--memory", "0"],
    ["traces/tiny", "--memory", "many"],
    ["traces/tiny", "--unit", "container"],
    ["traces/tiny", "--warmup", "1e9"],
    ["traces/tiny", "--costs", "nowhere"],
    ["traces/tiny", "--packages", "nowhere"],
    ["nowhere"],
  ]) {
    const path = `${folder}/refused.json`;
    const refused = await runCli("bound", ...bad, "-o", path);
    expect([bad, refused.exitCode, refused.out]).toEqual([bad, 2, ""]);
    expect(refused.err.trim().split("\n").length).toBe(1);
    expect(existsSync(path)).toBe(false);
  }
});

test("report draws the bound beside the runs of its workload, and refuses that of another one", async () => {
  const folder = await temporaryFolder();
  for (const memory of ["512MiB", "1GiB"])
    await runCli("run", "traces/tiny", "--memory", memory, "-o", `${folder}/${memory}.json`);
  await runCli("bound", "traces/tiny", "--memory", "512MiB,1GiB", "-o", `${folder}/bound.json`);
  const drawn = await runCli("report", folder, "-o", `${folder}/page.html`);
  expect(drawn.exitCode).toBe(0);
  const page = await readFile(`${folder}/page.html`, "utf8");
  expect(page).toMatch(/what no policy can pass/);
  expect(page).toMatch(/class="guide"/);
  await runCli("bound", "traces/tiny", "--minutes", "2", "-o", `${folder}/bound.json`);
  const refused = await runCli("report", folder, "-o", `${folder}/page.html`);
  expect(refused.exitCode).toBe(2);
  expect(refused.err).toMatch(/bound\.json: it bounds another workload .* their minutes differs/);
});
