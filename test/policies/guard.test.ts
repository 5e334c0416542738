import { describe, expect, test } from "vitest";
import { InputError } from "../../src/basics/errors.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { Family, View } from "../../src/contract/policy.js";
import { guardPolicy } from "../../src/policies/guard.js";

const VIEW = {
  packages: [{}, {}],
  containers: { isIdle: (id: number) => id === 3, functionOf: () => 1 },
} as unknown as View;

/** Makes a sound policy of the family, replaces one method, and asks it once. */
function ask(family: Family, method: string, answer: () => unknown): unknown {
  const right = {
    startsWithRoot: false,
    choose: () => ({ forkFrom: -1, create: null }),
    victim: () => (family === "install" ? -1 : null),
    decide() {},
    preinstalled: () => [],
    budgetBytes: () => Number.POSITIVE_INFINITY,
    keepUnused: () => true,
    pick: () => 3,
    waitForBusyUs: () => 0,
    key: () => 0,
    bypasses: false,
  };
  const guarded = guardPolicy(
    family,
    { ...right, [method]: answer },
    `policy ${family}=mine`,
  ) as unknown as Record<string, (...args: unknown[]) => unknown>;
  const decision = { keepUs: 1.6, pauseAfterUs: Number.POSITIVE_INFINITY, prewarmAfterUs: 0 };
  return guarded[method](VIEW, 1, decision);
}

/** What a user's policy may set, of whatever type. */
interface Decided {
  keepUs: unknown;
  prewarmCount: unknown;
  limitsOthers: unknown;
}

describe("a user's policy that answers wrongly ends the run with one line that names it", () => {
  const wrong: readonly (readonly [Family, string, () => unknown])[] = [
    ["zygote", "choose", () => undefined],
    ["zygote", "choose", () => ({ forkFrom: "0", create: null })],
    ["zygote", "choose", () => ({ forkFrom: 0, create: { parent: 0, packages: [1] } })],
    ["evict", "victim", () => undefined],
    ["evict", "victim", () => ({ tier: "handler", container: 1.5 })],
    ["evict", "victim", () => ({ tier: "install", zygote: 1 })],
    ["evict", "reserveBytes", () => Number.NaN],
    ["install", "preinstalled", () => null],
    ["install", "preinstalled", () => [0, 2]],
    ["install", "budgetBytes", () => -1],
    ["install", "victim", () => "0"],
    ["install", "keepUnused", () => undefined],
    ["dispatch", "pick", () => 2],
    ["dispatch", "waitForBusyUs", () => -1],
    ["dispatch", "waitForBusyUs", () => false],
    ["queue", "key", () => Number.NaN],
    [
      "keep-alive",
      "decide",
      () => {
        throw new Error("boom");
      },
    ],
  ];
  test.each(wrong)("%s.%s", (family, method, answer) => {
    expect(() => ask(family, method, answer)).toThrow(InputError);
    expect(() => ask(family, method, answer)).toThrow(
      new RegExp(`^policy ${family}=mine: ${method}`),
    );
  });

  test("a window that is not a time is refused, and a fraction of a microsecond is rounded", () => {
    const decide = (set: (decision: Decided) => void) => {
      const decision = {
        keepUs: 1,
        pauseAfterUs: 0,
        prewarmAfterUs: 0,
        prewarmCount: 1,
        limitsOthers: false,
      };
      const policy = {
        decide: (_view: unknown, _id: unknown, given: Decided) => set(given),
      };
      const guarded = guardPolicy("keep-alive", policy, "mine") as unknown as {
        decide: (...args: unknown[]) => void;
      };
      guarded.decide(VIEW, 0, decision);
      return decision.keepUs;
    };
    expect(
      decide((decision) => {
        decision.keepUs = 1.6;
      }),
    ).toBe(2);
    for (const bad of [Number.NaN, -5, "10", undefined]) {
      expect(() =>
        decide((decision) => {
          decision.keepUs = bad;
        }),
      ).toThrow(/^mine: decide: set keepUs to/);
    }
    for (const bad of [0, 1.5, "2"]) {
      expect(() =>
        decide((decision) => {
          decision.prewarmCount = bad;
        }),
      ).toThrow(/^mine: decide: set prewarmCount to/);
    }
    expect(() =>
      decide((decision) => {
        decision.limitsOthers = 1;
      }),
    ).toThrow(/^mine: decide: set limitsOthers to 1, expected true or false/);
  });
});

test("right answers and notices pass through unchanged", () => {
  const seen: string[] = [];
  const policy = {
    count: 0,
    victim: () => null,
    onIdle() {
      this.count++;
      seen.push(`idle ${this.count}`);
    },
  };
  const guarded = guardPolicy("evict", policy, "mine");
  expect(guarded.victim(VIEW, 1)).toBeNull();
  guarded.onIdle?.(VIEW, 0);
  expect(guarded.onFork).toBeUndefined();
  expect(seen).toEqual(["idle 1"]);
});

test("a policy that lacks a method, and a value that is not a policy, are refused when they are made", () => {
  expect(() => guardPolicy("install", { victim: () => -1 }, "mine")).toThrow(
    /^mine: the policy has no method preinstalled/,
  );
  expect(() => guardPolicy("evict", undefined, "mine")).toThrow(/^mine: create returned undefined/);
  expect(() => guardPolicy("zygote", { choose: () => PackageSet.EMPTY }, "mine")).toThrow(
    /^mine: startsWithRoot is undefined/,
  );
});
