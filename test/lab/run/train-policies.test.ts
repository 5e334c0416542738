import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { performRun } from "../../../src/lab/run/perform-run.js";
import { replayFile } from "../../../src/lab/run/replay-file.js";
import { type RunSettings, USUAL_RUN } from "../../../src/lab/run/run-settings.js";
import { renderResult } from "../../../src/results/result-text.js";
import { countCreations } from "../../../src/trace/arrivals/count-creations.js";
import { temporaryFolder } from "../../cli/run-cli.js";
import { type Arrival, arrivalsOf, MINUTE, makeFunction, SECOND } from "../../engine/harness.js";

const settingsOf = (changes: Partial<RunSettings>): RunSettings => ({
  ...USUAL_RUN,
  trace: "traces/tiny",
  policy: "forklift",
  ...changes,
});

describe("an oracle", () => {
  test("is named in the result and its table: by default forklift's tree is fitted to the run itself", async () => {
    const result = await performRun(settingsOf({ minutes: 2 }));
    expect(result.run.oracles).toEqual([
      {
        family: "zygote",
        policy: "forklift",
        knows: "its Zygote tree is fitted to the run itself",
      },
    ]);
    expect(renderResult(result)).toContain(
      "  oracle: zygote forklift knows the future: its Zygote tree is fitted to the run itself",
    );
  });

  test("is no policy that was trained on the minutes before the run, nor one that is not fitted", async () => {
    const trained = settingsOf({ fromMinute: 2, minutes: 1, set: ["zygote=forklift:train=2"] });
    const results = [await performRun(trained), await performRun(settingsOf({ policy: "sock" }))];
    expect(results.map(({ run }) => run.oracles)).toEqual([[], []]);
  });
});

describe("train", () => {
  test("refuses more minutes than there are before the run", async () => {
    const settings = settingsOf({ fromMinute: 2, set: ["zygote=forklift:train=3"] });
    await expect(performRun(settings)).rejects.toThrow(
      /policy zygote=forklift: train=3: the run begins at minute 2 .* begin later with --from/,
    );
  });

  test("fits the tree to what ran before: the journal has these functions and counts, and a replay repeats the run", async () => {
    const journal = join(await temporaryFolder(), "run.journal");
    const set = ["zygote=forklift:train=2"];
    const result = await performRun(settingsOf({ fromMinute: 2, minutes: 1, set, journal }));
    const header = JSON.parse((await readFile(journal, "utf8")).split("\n")[0]);
    const before = await performRun(settingsOf({ fromMinute: 0, minutes: 2 }));
    const weights = header.trained.zygote.map(([, weight]: [unknown, number]) => weight);
    expect(weights.reduce((sum: number, weight: number) => sum + weight, 0)).toBe(
      before.invocations.total,
    );
    expect(before.invocations.total).not.toBe(result.invocations.total);
    expect((await replayFile(journal)).divergence).toBeNull();
  });

  test("weighs each function as 1, by its invocations, or by the containers it would need", async () => {
    const weightsBy = async (weigh: string) => {
      const journal = join(await temporaryFolder(), "run.journal");
      const set = [`zygote=forklift:train=2,weigh=${weigh}`];
      await performRun(settingsOf({ fromMinute: 2, minutes: 1, set, journal }));
      const header = JSON.parse((await readFile(journal, "utf8")).split("\n")[0]);
      return header.trained.zygote.map(([, weight]: [unknown, number]) => weight);
    };
    const invocations = await weightsBy("invocations");
    const creations = await weightsBy("creations");
    expect(await weightsBy("functions")).toEqual(invocations.map(() => 1));
    // A function needs at least one container, and no more than it has invocations.
    for (const [id, count] of creations.entries()) {
      expect(count).toBeGreaterThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(invocations[id]);
    }
    expect(creations).not.toEqual(invocations);
  });
});

describe("creations", () => {
  const counts = async (arrivals: readonly Arrival[]) => [
    ...(await countCreations({
      functions: [makeFunction(), makeFunction()],
      arrivals: () => arrivalsOf(arrivals),
    })),
  ];

  test("an idle container serves for 10 minutes after its last use, then another one is made", async () => {
    const at = (us: number): Arrival => [us, 0, SECOND];
    // Idle at 1 s: used at 10 min + 1 s, idle at 10 min + 2 s, expired at 20 min + 2 s.
    const [first] = await counts([at(0), at(10 * MINUTE + SECOND), at(20 * MINUTE + 3 * SECOND)]);
    expect(first).toBe(2);
  });

  test("runs of one function that overlap need one container each, and those of another their own", async () => {
    const [one, other] = await counts([
      [0, 0, 10 * SECOND],
      [1 * SECOND, 0, 10 * SECOND],
      [2 * SECOND, 1, SECOND],
      [5 * SECOND, 1, SECOND],
      [11 * SECOND, 0, SECOND],
    ]);
    expect([one, other]).toEqual([2, 1]);
  });

  test("of two idle containers the one that fell idle last serves, so the other expires", async () => {
    // Two fall idle at 1 s. One serves every 5 minutes and is idle 5 minutes at most; the other has
    // expired at 15 minutes, when two are wanted at once: a third is made.
    const [first] = await counts([
      [0, 0, SECOND],
      [0, 0, SECOND],
      [5 * MINUTE, 0, SECOND],
      [10 * MINUTE, 0, SECOND],
      [15 * MINUTE, 0, SECOND],
      [15 * MINUTE, 0, SECOND],
    ]);
    expect(first).toBe(3);
  });
});
