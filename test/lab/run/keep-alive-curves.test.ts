import { expect, test } from "vitest";
import { simulate } from "../../../src/lab/run/program-run.js";
import type { Result } from "../../../src/results/result.js";
import { type Arrival, arrivalsOf, MINUTE, makeFunction } from "../../engine/harness.js";

/**
 * Five functions with a period each, of 15, 30, 45, 60 and 90 minutes, for two days. A fixed window
 * makes every call of a longer period cold, and keeps each container for the whole window after each
 * call. The histogram of a function has its one period, so its container is there from 0.9 of it on
 * until the call comes.
 */
const PERIODS = [15, 30, 45, 60, 90];
const arrivals = PERIODS.flatMap((period, id) =>
  Array.from({ length: Math.floor((2 * 24 * 60) / period) }, (_, n): Arrival => {
    return [n * period * MINUTE, id, 0];
  }),
).toSorted(([a], [b]) => a - b);

const run = (keepAlive: string) =>
  simulate({
    workload: {
      trace: "periods",
      functions: PERIODS.map((period, app) => makeFunction({ name: `every ${period} min`, app })),
      catalogue: { source: "none", packages: [] },
      spanUs: 2 * 24 * 60 * MINUTE,
      expectedInvocations: arrivals.length,
      arrivals: () => arrivalsOf(arrivals),
    },
    unit: "application",
    policy: "openwhisk",
    set: [`keep-alive=${keepAlive}`],
    memoryBytes: Number.POSITIVE_INFINITY,
  });

/** The share of cold starts of the application at the 75th percentile, the fourth of five. */
const coldShare = ({ functions }: Result) =>
  functions.map(({ cold, invocations }) => cold / invocations).toSorted((a, b) => a - b)[3];
const wasted = ({ memory }: Result) => memory.wastedByteSeconds;

test("the hybrid histogram has fewer cold starts at the 75th percentile than every fixed window that wastes as much memory, and wastes less than every one with as few", async () => {
  const hybrid = await run("hybrid-histogram");
  for (const minutes of [5, 10, 20, 40, 60, 90, 120]) {
    const fixed = await run(`fixed:keep=${minutes}m`);
    const isAsCheap = wasted(fixed) <= wasted(hybrid);
    if (isAsCheap) expect(coldShare(hybrid), `${minutes} min`).toBeLessThan(coldShare(fixed));
    const isAsWarm = coldShare(fixed) <= coldShare(hybrid);
    if (isAsWarm) expect(wasted(hybrid), `${minutes} min`).toBeLessThan(wasted(fixed));
    expect(isAsCheap && isAsWarm, `${minutes} min dominates`).toBe(false);
  }
  // The window of 10 min wastes as much or more, and every call is cold; that of 90 min has as few.
  expect(coldShare(await run("fixed:keep=10m"))).toBe(1);
  expect(coldShare(hybrid)).toBeLessThan(0.1);
});
