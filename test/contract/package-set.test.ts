import fc from "fast-check";
import { expect, test } from "vitest";
import { PackageSet } from "../../src/contract/package-set.js";

const ids = fc.uniqueArray(fc.integer({ min: 0, max: 70 }), { maxLength: 12 });

test("set operations agree with JavaScript's sets", () => {
  fc.assert(
    fc.property(ids, ids, (a, b) => {
      const left = new PackageSet(a);
      const right = new PackageSet(b);
      expect(left.isSubsetOf(right)).toBe(a.every((id) => b.includes(id)));
      expect([...left.minus(right).ids]).toEqual(
        a.filter((id) => !b.includes(id)).sort((x, y) => x - y),
      );
      expect([...left.union(right).ids]).toEqual([...new Set([...a, ...b])].sort((x, y) => x - y));
      expect(left.equals(right)).toBe(a.length === b.length && a.every((id) => b.includes(id)));
      expect(left.has(33)).toBe(a.includes(33));
    }),
  );
});
