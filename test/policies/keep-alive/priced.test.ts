import { expect, test } from "vitest";
import { pricedKeepAlive } from "../../../src/policies/keep-alive/priced.js";
import { FakeView, fakeFunction } from "../fake-view.js";

test("half a GiB that takes 2 s to make is kept for 2 / (0.01 x 0.5) = 400 s, and for 4 s at 100 times the price", () => {
  const view = new FakeView([fakeFunction([])]);
  const container = view.addContainer({ bytes: 2 ** 29, provisionUs: 2e6 });
  view.fallIdle(container);
  const keepUs = (settings: string) => {
    const decision = {
      keepUs: Number.POSITIVE_INFINITY,
      pauseAfterUs: Number.POSITIVE_INFINITY,
      prewarmAfterUs: Number.POSITIVE_INFINITY,
      prewarmCount: 1,
      limitsOthers: false,
    };
    view.make(pricedKeepAlive, settings).decide(view, container, decision);
    return decision.keepUs;
  };
  expect(keepUs("")).toBe(400e6);
  expect(keepUs("price=1")).toBe(4e6);
});
