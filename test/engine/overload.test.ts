import { describe, expect, test } from "vitest";
import { RandomStreams } from "../../src/basics/random.js";
import { overloadText } from "../../src/run/overload-text.js";
import { SimBackend } from "../../src/sim/sim-backend.js";
import { type Arrival, MIB, MINUTE, makeFunction, ROUND_COSTS, SECOND, tell } from "./harness.js";

/** Memory for one container at a time: arrivals of as many functions, all at 0, run in turn. */
async function inTurn(functions: number, runUs: number, startUs = 0) {
  const told = await tell({
    functions: Array.from({ length: functions }, () => makeFunction()),
    arrivals: Array.from({ length: functions }, (_, id): Arrival => [startUs, id, runUs]),
    config: { memoryLimitBytes: 100 * MIB, queueTimeoutUs: Number.POSITIVE_INFINITY },
  });
  return told.engine.overload();
}

describe("overload", () => {
  test("three runs of 50 s in turn: someone waits for memory from 0 to 100 s", async () => {
    expect(await inTurn(3, 50 * SECOND)).toEqual({
      firstUs: 0,
      totalUs: 100 * SECOND,
      us: { runs: 0, creations: 0, "memory or disk": 100 * SECOND },
    });
  });

  test("three runs of 30 s in turn: a wait of exactly a minute is none", async () => {
    expect(await inTurn(3, 30 * SECOND)).toBe(null);
  });

  test("it begins when the first of them waits", async () => {
    expect((await inTurn(2, 90 * SECOND, 7 * SECOND))?.firstUs).toBe(7 * SECOND);
  });

  test("waits with breaks do not add up: twice 50 s, 10 s apart", async () => {
    const told = await tell({
      functions: [makeFunction(), makeFunction()],
      arrivals: [
        [0, 0, 50 * SECOND],
        [0, 1, SECOND],
        [MINUTE, 0, 50 * SECOND],
        [MINUTE, 1, SECOND],
      ],
      config: { memoryLimitBytes: 100 * MIB },
    });
    expect(told.recording.ended_.map(({ queueUs }) => queueUs)).toEqual([
      0,
      50 * SECOND,
      0,
      50 * SECOND,
    ]);
    expect(told.engine.overload()).toBe(null);
  });

  test("what is lacking is named: the end of a run, or a place among the creations", async () => {
    const story = {
      functions: [makeFunction(), makeFunction()],
      arrivals: [
        [0, 0, 90 * SECOND],
        [0, 1, SECOND],
      ] as const,
      config: { cores: 1, runsPerCore: 1, queueTimeoutUs: Number.POSITIVE_INFINITY },
    };
    expect((await tell(story)).engine.overload()?.us).toMatchObject({ runs: 90 * SECOND });
  });

  test.each([
    // One core: two runs that want all of it take twice their time.
    { runUs: 40 * SECOND, expected: { firstUs: 0, totalUs: 80 * SECOND } },
    { runUs: 20 * SECOND, expected: null },
  ])(
    "two runs of $runUs us on one core: the simulator reports $expected",
    ({ runUs, expected }) => {
      const backend = new SimBackend({
        costs: ROUND_COSTS,
        cores: 1,
        packages: [],
        functions: [makeFunction()],
        streams: new RandomStreams(1),
      });
      for (const id of [0, 1]) {
        backend.createContainer(id, 0, -1, new Int32Array(0));
        backend.advance(Number.POSITIVE_INFINITY);
        backend.run(id, id, id === 0 ? 0 : 1, false);
        backend.advance(Number.POSITIVE_INFINITY);
      }
      const sinceUs = backend.nowUs;
      for (const id of [0, 1]) backend.run(id, id + 2, runUs, false);
      backend.advance(sinceUs + 200 * SECOND);
      backend.advance(sinceUs + 200 * SECOND);
      const busy = backend.busyCores();
      expect(busy && { firstUs: busy.firstUs - sinceUs, totalUs: busy.totalUs }).toEqual(expected);
    },
  );

  test("the text says when, for how long and why", () => {
    const us = { runs: 0, creations: 3 * MINUTE, "memory or disk": 90 * SECOND };
    const waiting = { firstUs: 782.25 * MINUTE, totalUs: 4.5 * MINUTE, us };
    expect(overloadText(waiting, { firstUs: 783 * MINUTE, totalUs: 5 * MINUTE })).toBe(
      "the demand exceeded the machine: spells of more than a minute in which invocations waited add up " +
        "to 4.5 min, the first begins at minute 782.3 (3.0 min for creations, 1.5 min for memory or disk); " +
        "spells of more than a minute with more to run than the cores can add up to 5.0 min, the first begins at minute 783.0",
    );
    expect(overloadText(null, null)).toBe(undefined);
  });
});
