import { describe, expect, test } from "vitest";
import { RandomStreams } from "../../src/basics/random.js";
import type { PolicyHooks } from "../../src/contract/policy.js";
import { collectHooks } from "../../src/engine/hooks.js";
import { givenPolicies } from "../../src/lab/run/load-policy.js";
import { makePolicies } from "../../src/policies/registry.js";
import { FakeView, fakeFunction } from "./fake-view.js";

const view = new FakeView([fakeFunction([])]);
const described = { summary: "s", source: "this test", departures: [], parameters: {} };

function make(policy: unknown, overrides: readonly string[] = []) {
  const { choices, specs } = givenPolicies(policy, "test", ["zygote=none", ...overrides]);
  return makePolicies(choices, specs, view.context, new RandomStreams(1));
}

/** Keeps for a minute the containers that it has seen start, and evicts the first of them. */
class Admission {
  readonly seen: number[] = [];
  onStart(_view: unknown, container: number) {
    this.seen.push(container);
  }
  decide(_view: unknown, container: number, decision: { keepUs: number }) {
    decision.keepUs = this.seen.includes(container) ? 60e6 : 0;
  }
  victim() {
    return this.seen.length === 0 ? null : { tier: "handler", container: this.seen[0] };
  }
}

describe("a policy for several families", () => {
  const admission = {
    ...described,
    family: ["evict", "keep-alive"],
    name: "admission",
    create: () => new Admission(),
  };

  test("is one object per run, whose families share its state", () => {
    const policies = make(admission);
    const hooks = collectHooks(policies);
    expect(hooks.onStart).toHaveLength(1); // one notice, although two families are served
    for (const policy of hooks.onStart) policy.onStart(view, 7, "cold", 0);
    expect(policies.evict.victim(view, 1)).toEqual({ tier: "handler", container: 7 });
    const decision = {
      keepUs: Infinity,
      pauseAfterUs: Infinity,
      prewarmAfterUs: Infinity,
      prewarmCount: 1,
      limitsOthers: false,
    };
    policies["keep-alive"].decide(view, 7, decision);
    expect(decision.keepUs).toBe(60e6);
  });

  test("is made again for the next run", () => {
    for (const policy of collectHooks(make(admission)).onStart) policy.onStart(view, 7, "cold", 0);
    expect(make(admission).evict.victim(view, 1)).toBeNull();
  });

  test("consists of an object per family if two families ask for a victim, and each gets its notices", () => {
    const heard: string[] = [];
    const part = (name: string, methods: object): PolicyHooks => ({
      ...methods,
      onArrival: () => heard.push(name),
    });
    const policies = make({
      ...described,
      family: ["evict", "install"],
      name: "both",
      create: () => ({
        evict: part("evict", { victim: () => null }),
        install: part("install", {
          preinstalled: () => [],
          budgetBytes: () => 5,
          victim: () => -1,
          keepUnused: () => true,
        }),
      }),
    });
    expect(policies.evict.victim(view, 1)).toBeNull();
    expect(policies.install.victim(view, 1)).toBe(-1);
    for (const policy of collectHooks(policies).onArrival) policy.onArrival(view, 0);
    expect(heard).toEqual(["evict", "install"]);
  });

  test("lacks a method of one of its families: the family is named", () => {
    const lacking = { ...admission, create: () => ({ victim: () => null }) };
    expect(() => make(lacking)).toThrow(/^policy keep-alive=admission: .* no method decide/);
  });

  describe("has one set of parameters", () => {
    const count = {
      ...{ kind: "number", default: 1, unit: "containers", min: 0, max: 9 },
      description: "d",
    };
    const made: unknown[] = [];
    const counting = {
      ...admission,
      parameters: { count },
      create: (parameters: unknown) => {
        made.push(parameters);
        return new Admission();
      },
    };

    test("so a change of one family is a change of both", () => {
      made.length = 0;
      make(counting, ["keep-alive=admission:count=4"]);
      expect(made).toEqual([{ count: 4 }]);
    });

    test("so two changes that differ are refused", () => {
      expect(() => make(counting, ["keep-alive=admission:count=4", "evict=admission"])).toThrow(
        /admission has other parameters for evict than for keep-alive/,
      );
    });

    test("and leaves the family that another policy has", () => {
      made.length = 0;
      make(counting, ["evict=admission:count=4", "keep-alive=fixed"]);
      expect(made).toEqual([{ count: 4 }]);
    });
  });
});
