import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { RandomStreams } from "../../../src/basics/random.js";
import { Completion } from "../../../src/contract/backend.js";
import { performRun } from "../../../src/lab/run/perform-run.js";
import { replayFile } from "../../../src/lab/run/replay-file.js";
import type { RunSettings } from "../../../src/lab/run/run-settings.js";
import { PRESETS } from "../../../src/policies/presets.js";
import { OperationKeys } from "../../../src/sim/recorded/operation-keys.js";
import { CostCollector, type CostOrder } from "../../../src/sim/recorded/recorded-costs.js";
import { temporaryFolder } from "../../cli/run-cli.js";
import { MIB } from "../../engine/harness.js";

const TINY: RunSettings = {
  trace: "traces/tiny",
  backend: "sim",
  policy: "sock",
  set: [],
  unit: "function",
  memoryBytes: 512 * MIB,
  diskBytes: 200 * MIB,
  cores: 2,
  runsPerCore: Number.POSITIVE_INFINITY,
  creationsPerCore: Number.POSITIVE_INFINITY,
  creationsPerFunction: Number.POSITIVE_INFINITY,
  queueLimit: 1024,
  queueTimeoutUs: 60_000_000,
  packages: undefined,
  costs: undefined,
  index: undefined,
  journal: undefined,
  invocations: undefined,
  functions: undefined,
  fromMinute: 0,
  minutes: undefined,
  warmupMinutes: 0,
  speedup: 10,
  placement: "poisson",
  runTimes: "trace",
  seed: 1,
};

/** A simulated run, and the costs of its operations. */
async function record(change: Partial<RunSettings> = {}) {
  const journal = join(await temporaryFolder(), "journal");
  const settings = { ...TINY, journal, ...change };
  const costs = new CostCollector();
  const result = await performRun(settings);
  await replayFile(journal, { listener: costs });
  return { settings, result, costs };
}

/** A run of the settings with the recorded costs. */
async function rerun(settings: RunSettings, costs: CostCollector, order: CostOrder) {
  const prices = costs.costs(order, new RandomStreams(1).get("test"));
  const result = await performRun(settings, { costSource: prices });
  return { result, use: prices.use };
}

describe("a run whose operations take their recorded times repeats the recorded run", () => {
  for (const { name } of PRESETS) {
    test(name, async () => {
      const { settings, result, costs } = await record({ policy: name });
      const again = await rerun(settings, costs, "same");
      expect(again.result.run.digest).toBe(result.run.digest);
      expect(again.result.timesUs).toEqual(result.timesUs);
      expect(again.result.invocations).toEqual(result.invocations);
      expect(again.use).toMatchObject({ alike: 0, unknown: 0 });
    });
  }
});

/** Time and phases of every creation in a journal. */
function creationsIn(journal: string): string[] {
  const lines = readFileSync(journal, "utf8").split("\n");
  return lines.flatMap(
    (line) => / completed (create-\S+) \d+ ok 0 \S+ (\S+)/.exec(line)?.[2] ?? [],
  );
}

test("with drawn costs the starts are as many, their times differ, and every creation has the costs of a recorded one", async () => {
  const { settings, result, costs } = await record();
  const journal = join(await temporaryFolder(), "drawn");
  const { result: drawn } = await rerun({ ...settings, journal }, costs, "drawn");
  expect(drawn.run.digest).not.toBe(result.run.digest);
  expect(drawn.invocations.total).toBe(result.invocations.total);
  const creations = creationsIn(journal);
  expect(creations.length).toBeGreaterThan(50);
  expect(creationsIn(settings.journal!)).toEqual(expect.arrayContaining(creations));
});

test("an operation that had not completed when the run ended keeps its place among those of its work", () => {
  // Two equal creations begin at 0. When the run ends, only the second one has completed, at 5 ms.
  const nothing = new Int32Array(0);
  const collector = new CostCollector();
  collector.comes(0);
  collector.createContainer(0, 0, NONE, nothing);
  collector.createContainer(1, 0, NONE, nothing);
  const completion = new Completion();
  completion.atUs = 5_000;
  completion.operation = "create-container";
  completion.id = 1;
  collector.completed(completion);
  const costs = collector.costs("same", new RandomStreams(1).get("test"));
  const keys = new OperationKeys();
  const elapsedUs = [0, 1].map(
    (id) => costs.take(keys.createContainer(id, 0, NONE, nothing))!.elapsedUs,
  );
  expect(elapsedUs[0]).toBeGreaterThan(60_000_000);
  expect(elapsedUs[1]).toBe(5_000);
});

test("operations of a kind that the recorded run never did are counted as unknown", async () => {
  const { settings, costs } = await record({ policy: "keep-all" });
  const { use, result } = await rerun({ ...settings, policy: "sock" }, costs, "same");
  expect(use.unknown).toBeGreaterThan(0); // keep-all neither forks nor pauses
  const { total, completed, failed, timedOut, rejected } = result.invocations;
  expect(completed + failed + timedOut + rejected).toBe(total);
});
