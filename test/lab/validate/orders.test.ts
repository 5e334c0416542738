import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareSequences, kendallTau } from "../../../src/lab/validate/orders.js";

describe("Kendall's tau", () => {
  test("is (2 - 1) / 3 if one of three pairs is reversed", () => {
    expect(kendallTau([1, 2, 3], [1, 3, 2])).toBeCloseTo(1 / 3, 12);
  });

  test("is 1 for the same order and -1 for the reverse, for any values", () => {
    expect(kendallTau([1, 2, 3, 4], [10, 20, 21, 4000])).toBe(1);
    expect(kendallTau([1, 2, 3, 4], [9, 8, 7, -6])).toBe(-1);
  });

  test("does not count ties as ordered: 2 concordant pairs, 2 ordered by one list and 3 by the other: 2 / sqrt(2 x 3)", () => {
    expect(kendallTau([1, 1, 2], [1, 2, 3])).toBeCloseTo(2 / Math.sqrt(6), 12);
  });

  test("is null if all values are tied, or if there is only one", () => {
    expect(kendallTau([5, 5], [1, 2])).toBeNull();
    expect(kendallTau([1], [1])).toBeNull();
  });

  test("is symmetric and between -1 and 1", () => {
    const pairs = fc.array(fc.tuple(fc.integer({ max: 5 }), fc.integer({ max: 5 })));
    fc.assert(
      fc.property(pairs, (values) => {
        const a = values.map(([x]) => x);
        const b = values.map(([, y]) => y);
        const tau = kendallTau(a, b);
        expect(kendallTau(b, a)).toBe(tau);
        if (tau !== null) expect(Math.abs(tau)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

describe("sequences of evictions", () => {
  test("a b c d and a c b d have three of four in common order, and one of six pairs reversed", () => {
    const { commonShare, tau } = compareSequences([..."abcd"], [..."acbd"]);
    expect(commonShare).toBe(3 / 4);
    expect(tau).toBeCloseTo((5 - 1) / 6, 12);
  });

  test("the second occurrence of a name differs from the first: a b a and a a b agree in two of three pairs", () => {
    // a0 b0 a1 are at 0 2 1 in the other sequence: pairs a0-b0 and a0-a1 agree, b0-a1 does not
    expect(compareSequences([..."aba"], [..."aab"]).tau).toBeCloseTo(1 / 3, 12);
  });

  test("two empty sequences agree; an empty one and another do not", () => {
    expect(compareSequences([], [])).toEqual({ commonShare: 1, tau: null });
    expect(compareSequences(["a"], [])).toEqual({ commonShare: 0, tau: null });
  });

  test("a missing name lowers the share, but not tau: a b c against a c", () => {
    expect(compareSequences([..."abc"], [..."ac"])).toEqual({ commonShare: 2 / 3, tau: 1 });
  });

  test("a sequence agrees with itself", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c")), (names) => {
        expect(compareSequences(names, names).commonShare).toBe(1);
      }),
    );
  });
});
