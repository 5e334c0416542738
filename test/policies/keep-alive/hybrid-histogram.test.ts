import { describe, expect, test } from "vitest";
import { US_PER_MINUTE } from "../../../src/basics/units.js";
import type { KeepAliveDecision } from "../../../src/contract/keep-alive-decision.js";
import { hybridHistogram } from "../../../src/policies/keep-alive/hybrid-histogram.js";
import { IdleTimes } from "../../../src/policies/keep-alive/idle-times.js";
import { FakeView, fakeFunction } from "../fake-view.js";

const NEVER = Number.POSITIVE_INFINITY;
const makeDecision = (): KeepAliveDecision => ({
  keepUs: NEVER,
  pauseAfterUs: NEVER,
  prewarmAfterUs: NEVER,
  prewarmCount: 1,
  limitsOthers: false,
});

/**
 * The decision, in minutes, after one container had these idle times, in minutes, between its runs.
 */
function decideAfter(idleMinutes: readonly number[], isPrewarmed = false) {
  const view = new FakeView([fakeFunction([])]);
  const policy = view.make(hybridHistogram);
  let container = view.addContainer();
  let decision = makeDecision();
  const decide = () => {
    decision = makeDecision();
    view.fallIdle(container);
    policy.decide(view, container, decision);
  };
  for (const minutes of idleMinutes) {
    view.beginRun(container);
    decide();
    view.nowUs += minutes * US_PER_MINUTE;
    policy.onArrival!(view, 0);
  }
  view.beginRun(container);
  decide();
  if (isPrewarmed) {
    view.removeContainer(container);
    container = view.addContainer(); // made when the pre-warm window ended
    decide();
  }
  return {
    keep: decision.keepUs / US_PER_MINUTE,
    prewarm: decision.prewarmAfterUs / US_PER_MINUTE,
  };
}

describe("idle times in one bin", () => {
  // ten of 20.5 min: bin 20; head 20 min, tail 21 min;
  // pre-warm 20 x 0.9 = 18; keep 21 x 1.1 - 18 = 5.1
  const idleTimes = new Array(10).fill(20.5);

  test("lead to unloading at once and pre-warming before the head", () => {
    expect(decideAfter(idleTimes)).toEqual({ keep: 0, prewarm: 18 });
  });

  test("keep a pre-warmed container until after the tail", () => {
    expect(decideAfter(idleTimes, true)).toEqual({ keep: 5.1, prewarm: NEVER });
  });
});

test("a head within the first minute keeps the application loaded", () => {
  // head: the 5th percentile of 20 idle times is the first, bin 0;
  // tail: bin 9, 10 min; 10 x 1.1 = 11
  const idleTimes = [0.5, ...new Array(19).fill(9.5)];
  expect(decideAfter(idleTimes)).toEqual({ keep: 11, prewarm: NEVER });
});

test("without idle times, or with evenly spread ones, the application is kept for four hours", () => {
  expect(decideAfter([])).toEqual({ keep: 240, prewarm: NEVER });
  // one idle time in each of 120 of 240 bins: mean 0.5, deviation 0.5: CV 1 < 2
  expect(decideAfter(Array.from({ length: 120 }, (_, bin) => 2 * bin + 0.5)).keep).toBe(240);
});

test("if half of the idle times are beyond four hours, the windows are a forecast with 15 % on either side", () => {
  // two of 300 min: the mean is 300;
  // pre-warm 0.85 x 300 = 255; keep the pre-warmed for 0.3 x 300 = 90
  expect(decideAfter([300, 300])).toEqual({ keep: 0, prewarm: 255 });
  expect(decideAfter([300, 300], true)).toEqual({ keep: 90, prewarm: NEVER });
});

describe("of a function with two containers", () => {
  const view = new FakeView([fakeFunction([])]);
  const policy = view.make(hybridHistogram);
  const [first, second] = [view.addContainer({ uses: 1 }), view.addContainer({ uses: 1 })];
  const decideAt = (minute: number, container: number) => {
    const decision = makeDecision();
    view.nowUs = minute * US_PER_MINUTE;
    view.fallIdle(container);
    policy.decide(view, container, decision);
    return decision;
  };

  test("an idle one beside a busy one is kept for four hours, and nothing is decided for the function", () => {
    const expected = { keepUs: 240 * US_PER_MINUTE, prewarmAfterUs: NEVER, limitsOthers: false };
    expect(decideAt(0, first)).toMatchObject(expected);
  });

  test("the idle time begins when the last one ends, and then the decision is for both", () => {
    decideAt(5, second);
    view.nowUs = 25.5 * US_PER_MINUTE; // 20.5 min after the last end, 25.5 after the first
    policy.onArrival!(view, 0);
    view.beginRun(first);
    // bin 20: head 20 min, 20 x 0.9 = 18
    const expected = { keepUs: 0, prewarmAfterUs: 18 * US_PER_MINUTE, limitsOthers: true };
    expect(decideAt(26, first)).toMatchObject(expected);
  });
});

test("each function has its own histogram, also within one application", () => {
  const view = new FakeView([fakeFunction([], { app: 1 }), fakeFunction([], { app: 1 })]);
  const policy = view.make(hybridHistogram);
  const decideFor = (functionId: number) => {
    const container = view.addContainer({ functionId, uses: 1 });
    const decision = makeDecision();
    view.fallIdle(container);
    policy.decide(view, container, decision);
    view.removeContainer(container);
    return decision;
  };
  decideFor(0);
  view.nowUs = 20.5 * US_PER_MINUTE;
  policy.onArrival!(view, 0);
  expect(decideFor(0).prewarmAfterUs).toBe(18 * US_PER_MINUTE);
  expect(decideFor(1).prewarmAfterUs).toBe(NEVER); // it has no idle time yet
});

describe("idle times", () => {
  test("the coefficient of variation is that of all 240 bin counts", () => {
    const times = new IdleTimes();
    for (let n = 0; n < 6; n++) times.add(0);
    // counts: one 6, 239 zeros; mean 6 / 240; E[n^2] = 36 / 240;
    // CV = sqrt(E[n^2] - mean^2) / mean = sqrt(239)
    expect(times.binCountCv()).toBeCloseTo(Math.sqrt(239), 10);
  });

  test("the forecast follows alternating idle times", () => {
    const times = new IdleTimes();
    for (let n = 0; n < 100; n++) times.add(n % 2 === 0 ? 100 : 200);
    // mean 150, last 200, autocorrelation near -1 (99 of 100 pairs): 150 - 0.99 x 50 = 100.5
    expect(times.forecastUs()).toBeCloseTo(100.5, 6);
  });
});
