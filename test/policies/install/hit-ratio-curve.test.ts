import fc from "fast-check";
import { expect, test } from "vitest";
import { kneeBytes, targetBytes } from "../../../src/policies/install/hit-ratio.js";
import { hitRatioCurve } from "../../../src/policies/install/hit-ratio-curve.js";
import { ReuseDistances } from "../../../src/policies/install/reuse-distance.js";
import { FakeView, fakeFunction, fakePackage } from "../fake-view.js";

const BYTES = [10, 20, 40];
const packages = BYTES.map((diskBytes, id) => fakePackage(`p${id}`, { diskBytes }));

test("a reuse distance is the size of the package and of all distinct packages used since", () => {
  const distances = new ReuseDistances(BYTES);
  // 0: first, 1: first, 1 again: 20, 2: first, 1: 20 + 40, 0: 10 + 20 + 40
  const uses = [0, 1, 1, 2, 1, 0];
  const never = Number.POSITIVE_INFINITY;
  expect(uses.map((id) => distances.use(id))).toEqual([never, never, 20, never, 60, 70]);
});

test("reuse distances agree with a walk back through all uses, for sequences of any length", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2), { maxLength: 60 }), (uses) => {
      const distances = new ReuseDistances(BYTES);
      for (const [at, id] of uses.entries()) {
        const last = uses.lastIndexOf(id, at - 1);
        const isFirst = at === 0 || last === -1;
        const since = new Set(uses.slice(last, at));
        const bytes = [...since].reduce((sum, used) => sum + BYTES[used], 0);
        expect(distances.use(id)).toBe(isFirst ? Number.POSITIVE_INFINITY : bytes);
      }
    }),
  );
});

test("the budget is the smallest size that reaches the target among reused packages", () => {
  // after six uses the finite distances are 20, 60, 70:
  // a third are hits with 20, two thirds with 60, all with 70
  const budgetFor = (settings: string) => {
    const view = new FakeView([fakeFunction([0])], packages);
    const policy = view.make(hitRatioCurve, `refit=6,${settings}`);
    expect(policy.budgetBytes(view)).toBe(Number.POSITIVE_INFINITY); // nothing is known yet
    for (const id of [0, 1, 1, 2, 1, 0]) policy.onPackageUse!(view, id, false);
    return policy.budgetBytes(view);
  };
  expect(budgetFor("target=0.3")).toBe(20);
  expect(budgetFor("target=0.6")).toBe(60);
  expect(budgetFor("target=0.9")).toBe(70);
  // Kneedle: 1/3 - 20/70 = 0.05   2/3 - 60/70 < 0   1 - 1 = 0
  expect(budgetFor("size=knee")).toBe(20);
});

test("the budget is never below the largest closure", () => {
  const view = new FakeView([fakeFunction([0]), fakeFunction([1, 2])], packages);
  const policy = view.make(hitRatioCurve, "refit=2,target=0.1");
  for (const id of [0, 0]) policy.onPackageUse!(view, id, false); // the only distance is 10
  expect(policy.budgetBytes(view)).toBe(60); // 20 + 40
});

test("the knee is the point at which the hit ratio is furthest above the straight line", () => {
  // 0.25 - 1/100   0.5 - 2/100   0.75 - 3/100 = 0.72   1 - 100/100 = 0
  expect(kneeBytes(Float64Array.of(1, 2, 3, 100))).toBe(3);
  expect(targetBytes(Float64Array.of(1, 2, 3, 100), 0.75)).toBe(3);
  expect(targetBytes(Float64Array.of(1, 2, 3, 100), 0.76)).toBe(100);
});
