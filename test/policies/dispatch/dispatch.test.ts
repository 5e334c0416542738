import { describe, expect, test } from "vitest";
import { delayedWarm } from "../../../src/policies/dispatch/delayed-warm.js";
import { lruDispatch } from "../../../src/policies/dispatch/lru.js";
import { mruDispatch } from "../../../src/policies/dispatch/mru.js";
import { FakeView, fakeFunction } from "../fake-view.js";

test("mru picks the container that fell idle last, lru the one that fell idle first; neither waits", () => {
  const view = new FakeView([fakeFunction([]), fakeFunction([])]);
  const containers = [0, 1, 0].map((functionId) => view.addContainer({ functionId }));
  for (const container of containers) view.fallIdle(container);
  expect(view.make(mruDispatch).pick(view, 0)).toBe(2);
  expect(view.make(lruDispatch).pick(view, 0)).toBe(0);
  expect(view.make(mruDispatch).waitForBusyUs(view, 0)).toBe(0);
});

describe("delayed-warm", () => {
  function busy(settings = "") {
    const view = new FakeView([fakeFunction([])]);
    const policy = view.make(delayedWarm, settings);
    const containers = [view.addContainer(), view.addContainer()];
    return { view, policy, containers: containers as [number, number] };
  }

  test("starts another container while a mean is unknown", () => {
    const { view, policy, containers } = busy();
    expect(policy.waitForBusyUs(view, 0)).toBe(0);
    policy.onEnd!(view, containers[0], 1, "completed");
    expect(policy.waitForBusyUs(view, 0)).toBe(0);
  });

  test("waits for at most as long as a start takes, if the expected wait is shorter", () => {
    const { view, policy, containers } = busy();
    policy.onEnd!(view, containers[0], 150, "completed");
    policy.onContainerReady!(view, containers[0]); // 100 us
    expect(policy.waitForBusyUs(view, 0)).toBe(100); // 150 x 1 / 2 = 75 < 100
    view.waiting.set(0, 1);
    expect(policy.waitForBusyUs(view, 0)).toBe(0); // 150 x 2 / 2 = 150
  });

  test("means follow change by the weight of the newest time", () => {
    const { view, policy, containers } = busy("recent=0.5");
    policy.onContainerReady!(view, containers[0]); // 100 us
    policy.onEnd!(view, containers[0], 100, "completed");
    policy.onEnd!(view, containers[0], 280, "completed"); // 100 + 0.5 x 180 = 190; 190 / 2 = 95
    expect(policy.waitForBusyUs(view, 0)).toBe(100);
    policy.onEnd!(view, containers[0], 220, "completed"); // 190 + 0.5 x 30 = 205; 205 / 2 = 102.5
    expect(policy.waitForBusyUs(view, 0)).toBe(0);
  });

  test("a limit replaces the mean provisioning time", () => {
    const { view, policy, containers } = busy("limit=200ms");
    policy.onEnd!(view, containers[0], 390_000, "completed");
    expect(policy.waitForBusyUs(view, 0)).toBe(200_000); // 390 / 2 = 195 ms
    policy.onEnd!(view, containers[0], 450_000, "completed"); // 390 + 0.2 x 60 = 402; 402 / 2 = 201 ms
    expect(policy.waitForBusyUs(view, 0)).toBe(0);
  });

  test("a container that is being made is free when its remaining time is over, and not before", () => {
    const { view, policy, containers } = busy();
    policy.onEnd!(view, containers[0], 10, "completed");
    policy.onContainerReady!(view, containers[0]); // 100 us
    for (const id of containers) view.removeContainer(id);
    view.addContainer({ state: "making", createdAtUs: 0 });
    // Ready after 100 us, which is no less than a start of 100 us takes.
    expect(policy.waitForBusyUs(view, 0)).toBe(0);
    view.nowUs = 60;
    // Ready in 40 us, and then free every 10 us: 1 + 60 / 10 = 7 times within 100 us.
    view.waiting.set(0, 5);
    expect(policy.waitForBusyUs(view, 0)).toBe(100);
    view.waiting.set(0, 6);
    expect(policy.waitForBusyUs(view, 0)).toBe(0);
    // A second one, begun at 30 us, adds 1 + (100 - 70) / 10 = 4.
    view.addContainer({ state: "making", createdAtUs: 30 });
    view.waiting.set(0, 9);
    expect(policy.waitForBusyUs(view, 0)).toBe(100);
    view.waiting.set(0, 10);
    expect(policy.waitForBusyUs(view, 0)).toBe(0);
  });
});
