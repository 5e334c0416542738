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
    ["zygote", "choose", () => ({ forkFrom: 0, create: { parent: 0, packages: 1 } })],
    ["zygote", "choose", () => ({ forkFrom: 0, create: { parent: 0, packages: [2] } })],
    ["zygote", "choose", async () => ({ forkFrom: -1, create: null })],
    ["evict", "victim", async () => null],
    ["evict", "onIdle", async () => {}],
    ["keep-alive", "decide", () => ({ keepUs: 1, pauseAfterUs: 1, prewarmAfterUs: 1 })],
    ["keep-alive", "decide", async () => {}],
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

/** As another copy of socklab has it: the same class, but not the same object. */
class PackageSetOfAnotherCopy {
  readonly ids = Int32Array.of(0, 1);
}

test.each([
  ["a set of the engine", new PackageSet([0, 1])],
  ["a set of another copy of socklab", new PackageSetOfAnotherCopy()],
  ["plain ids", [1, 0, 1]],
  ["a set of ids", new Set([0, 1])],
])("the packages of a plan may be %s", (_, packages) => {
  const plan = ask("zygote", "choose", () => ({ forkFrom: -1, create: { parent: -1, packages } }));
  const { create } = plan as { readonly create: { readonly packages: PackageSet } };
  expect(create.packages).toBeInstanceOf(PackageSet);
  expect([...create.packages.ids]).toEqual([0, 1]);
});

test("packages that a generator yields are preinstalled, each of them", () => {
  const ids = ask("install", "preinstalled", function* () {
    yield 1;
    yield 0;
  });
  expect([...(ids as Iterable<number>)]).toEqual([1, 0]);
});

test("a question is wrapped once: two accesses give one function, so that a call allocates nothing", () => {
  const guarded = guardPolicy("evict", { victim: () => null }, "mine");
  expect(guarded.victim).toBe(guarded.victim);
});

test("right answers pass through unchanged, and notices reach the policy itself", () => {
  const policy = { count: 0, victim: () => null, onIdle() {} };
  const guarded = guardPolicy("evict", policy, "mine");
  expect(guarded.victim(VIEW, 1)).toBeNull();
  expect(guarded.onIdle).toBeUndefined();
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
