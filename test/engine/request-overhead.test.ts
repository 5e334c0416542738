import { describe, expect, test } from "vitest";
import type { Policies } from "../../src/contract/policy.js";
import { MINUTE, makeFunction, SECOND, SHIPPED_COSTS, tell, withCost } from "./harness.js";

/** Keeps containers, paused after so long idle. */
const pausedAfter = (pauseAfterUs: number): Partial<Policies> => ({
  "keep-alive": {
    decide: (_view, _container, decision) => {
      decision.pauseAfterUs = pauseAfterUs;
    },
  },
});
const NEVER = Number.POSITIVE_INFINITY;

describe("the overhead of a request", () => {
  const functions = [makeFunction()];
  const arrivals = Array.from({ length: 2000 }, (_, at) => [at * SECOND, 0, SECOND / 10] as const);

  test("is in no startup: with shipped costs, a resumed start takes longer by what its response does", async () => {
    const story = { functions, arrivals, costs: SHIPPED_COSTS, endUs: 2000 * SECOND };
    const kept = await tell({ ...story, policies: pausedAfter(NEVER) });
    const paused = await tell({ ...story, policies: pausedAfter(0) });
    const warm = kept.recording.ended_.slice(1);
    const resumed = paused.recording.ended_.slice(1);
    expect(new Set(warm.map(({ start }) => start))).toEqual(new Set(["warm"]));
    expect(new Set(resumed.map(({ start }) => start))).toEqual(new Set(["resumed"]));
    let pauseUs = 0;
    for (const [at, { queueUs, provisionUs, runUs }] of resumed.entries()) {
      expect(warm[at].queueUs + warm[at].provisionUs).toBe(0);
      // both runs draw their times at the same quantiles; each end is rounded to a microsecond
      expect(Math.abs(runUs - warm[at].runUs)).toBeLessThanOrEqual(2);
      pauseUs += queueUs + provisionUs;
    }
    const responses = (told: typeof kept) =>
      told.recording.ended_
        .slice(1)
        .reduce((sum, { queueUs, provisionUs, runUs }) => sum + queueUs + provisionUs + runUs, 0);
    expect(pauseUs / 1999).toBeCloseTo((responses(paused) - responses(kept)) / 1999, 0);
    // the medians of the cost file: resume 762 less request 691.5 us
    expect(pauseUs / 1999).toBeLessThan(150);
    expect(pauseUs / 1999).toBeGreaterThan(50);
  });

  test("of 700 us is in the run of a warm and of a resumed container; of 780 us, the pause adds 80", async () => {
    const costs = withCost("request", 700, withCost("resume", 780));
    for (const [pauseAfterUs, start, provisionUs] of [
      [NEVER, "warm", 0],
      [0, "resumed", 80],
    ] as const) {
      const told = await tell({
        functions,
        arrivals: [
          [0, 0, 1000],
          [MINUTE, 0, 1000],
        ],
        policies: pausedAfter(pauseAfterUs),
        costs,
      });
      expect(told.recording.ended_[1]).toMatchObject({ start, provisionUs, runUs: 1700 });
    }
  });
});
