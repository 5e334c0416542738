import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyedHeap } from "../../src/basics/keyed-heap.js";

test("the first id is always the one with the smallest key, and of equal keys the lowest id", () => {
  const steps = fc.array(fc.tuple(fc.nat(9), fc.option(fc.nat(4))));
  fc.assert(
    fc.property(steps, (list) => {
      const heap = new KeyedHeap();
      const model = new Map<number, number>();
      for (const [id, key] of list) {
        if (key === null) {
          heap.remove(id);
          model.delete(id);
        } else {
          heap.set(id, key);
          model.set(id, key);
        }
        const sorted = [...model].sort(([idA, a], [idB, b]) => a - b || idA - idB);
        expect(heap.first).toBe(sorted[0]?.[0] ?? -1);
        expect(heap.has(id)).toBe(model.has(id));
      }
    }),
  );
});

test("of equal keys, the smallest second key comes first, and by default it is the id", () => {
  const heap = new KeyedHeap();
  heap.set(1, 5, 20);
  heap.set(2, 5, 10);
  heap.set(3, 5);
  const order = [];
  for (; heap.first !== -1; heap.remove(heap.first)) order.push(heap.first);
  expect(order).toEqual([3, 2, 1]);
});
