import { describe, expect, test } from "vitest";
import type { Act } from "../../src/contract/act.js";
import type { DispatchPolicy, KeepAlivePolicy, Policies } from "../../src/contract/policy.js";
import { replayJournal } from "../../src/run/journal/replay.js";
import {
  type Arrival,
  makeFunction,
  PLAIN_POLICIES,
  Recording,
  SECOND,
  type Story,
  tell,
} from "./harness.js";

const functions = [makeFunction()];

/** A keep-alive policy that keeps all, and does as `onTick` says whenever its time has come. */
function ticking(
  firstUs: number,
  onTick: (act: Act, nowUs: number) => void,
): Required<Pick<KeepAlivePolicy, "decide" | "onBegin" | "onTick">> {
  let act: Act;
  return {
    decide() {},
    onBegin(_, given) {
      act = given;
      act.tickAt(firstUs);
    },
    onTick: ({ nowUs }) => onTick(act, nowUs),
  };
}

/** Ticks every second, and drops container 0 at 3 s. A run and its replay need one each. */
const everySecond = (seen: number[]): Partial<Policies> => ({
  "keep-alive": ticking(SECOND, (act, nowUs) => {
    seen.push(nowUs / SECOND);
    act.tickAt(nowUs + SECOND);
    if (nowUs === 3 * SECOND) act.drop(0);
  }),
});

describe("tickAt", () => {
  test("calls onTick at that time, again for each time asked for, until the run ends", async () => {
    const seen: number[] = [];
    await tell({ functions, arrivals: [], policies: everySecond(seen), endUs: 4.5 * SECOND });
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test("replaces the time set before, and Infinity means never", async () => {
    const seen: number[] = [];
    const policy = ticking(SECOND, (act, nowUs) => {
      seen.push(nowUs / SECOND);
      act.tickAt(nowUs + SECOND);
      act.tickAt(nowUs + 2 * SECOND);
      if (seen.length === 2) act.tickAt(Number.POSITIVE_INFINITY);
    });
    await tell({ functions, arrivals: [], policies: { "keep-alive": policy }, endUs: 9 * SECOND });
    expect(seen).toEqual([1, 3]);
  });

  test("refuses a time that is not in the future", async () => {
    const policy = ticking(SECOND, (act, nowUs) => act.tickAt(nowUs));
    const story = { functions, arrivals: [], endUs: 2 * SECOND };
    await expect(tell({ ...story, policies: { "keep-alive": policy } })).rejects.toThrow(
      /not in the future/,
    );
  });

  test("each tick is a line of the journal, and a replay repeats what was done at it", async () => {
    const story: Story = { functions, arrivals: [[0, 0, SECOND]], endUs: 5 * SECOND };
    const told = await tell({ ...story, policies: everySecond([]) });
    expect(told.journal.filter((line) => line.endsWith(" woke")).length).toBe(5);
    expect(told.journal).toContain("  > destroy-container 0");
    const lines = (async function* () {
      yield* told.journal;
    })();
    const policies = { ...PLAIN_POLICIES, ...everySecond([]) };
    const replayed = await replayJournal(lines, "told", async () => policies, new Recording());
    expect(replayed.divergence).toBeNull();
    expect(replayed.events).toBeGreaterThan(5);
  });
});

describe("drop", () => {
  const dropAt = (atUs: number): Partial<Policies> => ({
    "keep-alive": ticking(atUs, (act) => act.drop(0)),
  });

  test("ends an idle container at once, as an expiration", async () => {
    const told = await tell({
      functions,
      arrivals: [
        [0, 0, SECOND],
        [3 * SECOND, 0, 0],
      ],
      policies: dropAt(2 * SECOND),
    });
    expect(told.recording.ended_.map(({ start }) => start)).toEqual(["cold", "cold"]);
    expect(told.recording.leftTier).toEqual([{ tier: "handler", evicted: false }]);
  });

  test("ends a busy container when its invocation has ended, although another one waits for it", async () => {
    const waiting: DispatchPolicy = {
      ...PLAIN_POLICIES.dispatch,
      waitForBusyUs: () => Number.POSITIVE_INFINITY,
    };
    const told = await tell({
      functions,
      arrivals: [
        [0, 0, 3 * SECOND],
        [SECOND, 0, SECOND],
      ],
      policies: { ...dropAt(2 * SECOND), dispatch: waiting },
    });
    expect(told.recording.ended_).toMatchObject([
      { start: "cold", outcome: "completed", runUs: 3 * SECOND },
      { start: "cold", outcome: "completed", queueUs: 2 * SECOND },
    ]);
  });

  test("of a container that is gone by then does nothing", async () => {
    const drop: KeepAlivePolicy = {
      ...ticking(2 * SECOND, (act) => {
        act.drop(0);
        act.drop(0);
      }),
    };
    const told = await tell({
      functions,
      arrivals: [[0, 0, SECOND]],
      policies: { "keep-alive": drop },
      endUs: 5 * SECOND,
    });
    expect(told.recording.leftTier).toEqual([{ tier: "handler", evicted: false }]);
    expect(told.leftBytes).toBe(0);
  });
});

describe("prewarm", () => {
  const askAt = (atUs: number, counts: readonly number[]): Partial<Policies> => ({
    "keep-alive": ticking(atUs, (act) => {
      for (const count of counts) act.prewarm(0, count);
    }),
  });

  test("makes containers before any arrival, and counts those that are idle or being made", async () => {
    // Asked at 1 s for 2, twice: two are made, and two were there already. Both calls at 10 s are warm.
    const told = await tell({
      functions,
      arrivals: [
        [10 * SECOND, 0, SECOND],
        [10 * SECOND, 0, SECOND],
      ],
      policies: askAt(SECOND, [2, 2]),
    });
    expect(told.recording.prewarms).toEqual({ due: 4, "already-there": 2, made: 2, used: 2 });
    expect(told.recording.ended_.map(({ start }) => start)).toEqual(["warm", "warm"]);
  });

  test("counts those that wait for memory: asked for 2 twice while a run has all of it, 2 wait", async () => {
    const told = await tell({
      functions,
      arrivals: [[0, 0, 9 * SECOND]],
      policies: { ...askAt(SECOND, [2, 2]) },
      config: { memoryLimitBytes: functions[0].memoryBytes },
      endUs: 5 * SECOND,
    });
    expect(told.recording.prewarms).toMatchObject({ due: 4, "already-there": 2 });
  });

  test("asked for in onBegin, begins at time 0, and a replay does so too", async () => {
    const early = (): Partial<Policies> => ({
      "keep-alive": { decide() {}, onBegin: (_, act) => act.prewarm(0, 1) },
    });
    const told = await tell({ functions, arrivals: [], policies: early(), endUs: 5 * SECOND });
    expect(told.recording.prewarms).toEqual({ due: 1, made: 1 });
    const lines = (async function* () {
      yield* told.journal;
    })();
    const policies = { ...PLAIN_POLICIES, ...early() };
    const replayed = await replayJournal(lines, "told", async () => policies, new Recording());
    expect(replayed.divergence).toBeNull();
  });

  test("refuses a number that is not whole and positive", async () => {
    const story = { functions, arrivals: [], endUs: 2 * SECOND };
    for (const count of [0, 1.5])
      await expect(tell({ ...story, policies: askAt(SECOND, [count]) })).rejects.toThrow(
        /not whole and positive/,
      );
  });
});

describe("startWaiting", () => {
  const arrivals: readonly Arrival[] = [
    [0, 0, 10 * SECOND],
    [SECOND, 0, SECOND],
    [2 * SECOND, 0, SECOND],
  ];

  /** Waits for busy containers; at 3 s a start is wanted, `times` times. */
  function patient(times: number): DispatchPolicy {
    return {
      ...PLAIN_POLICIES.dispatch,
      ...ticking(3 * SECOND, (act) => {
        for (let time = 0; time < times; time++) act.startWaiting(0);
      }),
      waitForBusyUs: () => Number.POSITIVE_INFINITY,
    };
  }

  test("begins a start for the invocation that has waited longest; the next one takes the container after it", async () => {
    const { recording } = await tell({ functions, arrivals, policies: { dispatch: patient(1) } });
    // The second starts at 3 s and ends at 4 s, when its container serves the third.
    expect(recording.ended_).toMatchObject([
      { start: "cold", queueUs: 2 * SECOND },
      { start: "delayed-warm", queueUs: 2 * SECOND },
      { start: "cold", queueUs: 0 },
    ]);
  });

  test("asked for more often than invocations wait, begins one start for each that waits", async () => {
    const { recording } = await tell({ functions, arrivals, policies: { dispatch: patient(5) } });
    expect(recording.ended_.map(({ start, queueUs }) => [start, queueUs / SECOND])).toEqual([
      ["cold", 2],
      ["cold", 1],
      ["cold", 0],
    ]);
  });
});
