import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { performRun } from "../../../src/lab/run/perform-run.js";
import { replayFile } from "../../../src/lab/run/replay-file.js";
import { type RunSettings, USUAL_RUN } from "../../../src/lab/run/run-settings.js";
import type { Result } from "../../../src/results/result.js";
import { temporaryFolder } from "../../cli/run-cli.js";

const GIB = 2 ** 30;
const EVICTORS = ["belady", "belady-size", "belady-cost"];

const run = (changes: Partial<RunSettings>): Promise<Result> =>
  performRun({ ...USUAL_RUN, trace: "traces/tiny", policy: "keep-all", ...changes });

test("an oracle is marked in the result, whatever it knows the future for", async () => {
  const set = ["evict=belady", "keep-alive=oracle"];
  const { run: described } = await run({ set, minutes: 2 });
  const knows = "it has the arrivals of the run";
  expect(described.oracles).toEqual([
    { family: "evict", policy: "belady", knows },
    { family: "keep-alive", policy: "oracle", knows },
  ]);
});

test("a replay of an oracle's run gets the same future from the journal, also by application", async () => {
  for (const unit of ["function", "application"] as const) {
    const journal = join(await temporaryFolder(), "run.journal");
    const set = ["evict=belady-cost", "keep-alive=oracle"];
    const result = await run({ set, unit, journal, memoryBytes: GIB / 2 });
    const header = JSON.parse((await readFile(journal, "utf8")).split("\n")[0]);
    const arrivals = header.future.flat().length / 2;
    expect(arrivals).toBe(result.invocations.total);
    expect((await replayFile(journal)).divergence).toBeNull();
  }
});

test("each of the three oracles makes fewer containers than lru, on the demo at 4 GiB", async () => {
  const containersMade = async (evict: string) => {
    const settings = { trace: "traces/demo", memoryBytes: 4 * GIB, set: [`evict=${evict}`] };
    return (await run(settings)).invocations.cold;
  };
  const lru = await containersMade("lru");
  for (const oracle of EVICTORS) expect(await containersMade(oracle), oracle).toBeLessThan(lru);
});

test("keep-alive=oracle begins nearly all containers before the arrivals that need them", async () => {
  // What remains are runs that last longer than on an idle machine: a busy one is counted on too early.
  const oracle = await run({ set: ["keep-alive=oracle"] });
  const never = await run({ set: ["keep-alive=fixed:keep=0"] });
  expect(never.invocations.cold).toBeGreaterThan(500);
  expect(oracle.invocations.cold).toBeLessThan(never.invocations.cold / 50);
  expect(oracle.prewarms?.used).toBeGreaterThan(500);
});
