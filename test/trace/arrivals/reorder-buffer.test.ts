import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReorderBuffer } from "../../../src/trace/arrivals/reorder-buffer.js";

type Arrival = readonly [atUs: number, functionId: number, order: number];

function inOrder(a: Arrival, b: Arrival): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function takeFrom(buffer: ReorderBuffer): Arrival {
  buffer.take();
  return [buffer.atUs, buffer.functionId, buffer.runUs];
}

describe("the reorder buffer", () => {
  it("hands out its arrivals by time, then by function, then in the order in which they came", () => {
    const pairs = fc.array(fc.tuple(fc.nat(20), fc.nat(3)), { maxLength: 60 });
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 8 }), (input, capacity) => {
        // The model has the same arrivals in a list, and sorts it again before each is taken.
        const buffer = new ReorderBuffer(capacity);
        const held: Arrival[] = [];
        const takeBoth = (): void => {
          expect(takeFrom(buffer)).toEqual(held.sort(inOrder).shift());
        };
        input.forEach(([atUs, functionId], order) => {
          buffer.push(atUs, functionId, order);
          held.push([atUs, functionId, order]);
          if (buffer.size === capacity) takeBoth();
          expect(buffer.size).toBe(held.length);
        });
        while (buffer.size > 0) takeBoth();
      }),
      { numRuns: 500 },
    );
  });
});
