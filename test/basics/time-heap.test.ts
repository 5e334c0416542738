import fc from "fast-check";
import { expect, test } from "vitest";
import { TimeHeap } from "../../src/basics/time-heap.js";

test("pairs come out by key, and equal keys in order of insertion, however pushes and pops mix", () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(null)), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(steps, (plan) => {
      const heap = new TimeHeap(1);
      const model: { key: number; payload: number }[] = [];
      let inserted = 0;
      for (const key of plan) {
        if (key !== null) {
          heap.push(key, inserted);
          model.push({ key, payload: inserted++ });
        } else if (model.length > 0) {
          model.sort((a, b) => a.key - b.key || a.payload - b.payload);
          expect(heap.minKey).toBe(model[0].key);
          expect(heap.pop()).toBe(model.shift()!.payload);
        }
        expect(heap.size).toBe(model.length);
      }
    }),
  );
});

test("an empty heap has its least key at infinity", () => {
  expect(new TimeHeap().minKey).toBe(Number.POSITIVE_INFINITY);
});
