import { expect, test } from "vitest";
import { US_PER_MINUTE } from "../../../src/basics/units.js";
import type { KeepAliveDecision } from "../../../src/contract/keep-alive-decision.js";
import { fixedKeepAlive } from "../../../src/policies/keep-alive/fixed.js";
import { FakeView, fakeFunction } from "../fake-view.js";

const never = (): KeepAliveDecision => ({
  keepUs: -1,
  pauseAfterUs: -1,
  prewarmAfterUs: -1,
  prewarmCount: -1,
  limitsOthers: false,
});

test("each use starts the window again", () => {
  const view = new FakeView([fakeFunction([])]);
  const policy = view.make(fixedKeepAlive, "keep=10m,pauseAfter=5s");
  const container = view.addContainer();
  for (const nowUs of [0, 4 * US_PER_MINUTE]) {
    view.nowUs = nowUs;
    const decision = never();
    policy.decide(view, container, decision);
    expect(decision).toEqual({ ...never(), keepUs: 10 * US_PER_MINUTE, pauseAfterUs: 5_000_000 });
  }
});

test("with reset=false the window runs from the first idle moment, and a new owner of the slot gets its own", () => {
  const view = new FakeView([fakeFunction([])]);
  const policy = view.make(fixedKeepAlive, "keep=10m,reset=false");
  const container = view.addContainer();
  const keepAt = (minute: number) => {
    view.nowUs = minute * US_PER_MINUTE;
    const decision = never();
    policy.decide(view, container, decision);
    return decision.keepUs / US_PER_MINUTE;
  };
  expect([keepAt(0), keepAt(4), keepAt(11)]).toEqual([10, 6, 0]);
  policy.onContainerGone!(view, container, false);
  expect(keepAt(12)).toBe(10);
});
