import fc from "fast-check";
import { expect, test } from "vitest";
import { LinkedLists } from "../../src/basics/linked-lists.js";
import { NONE } from "../../src/basics/none.js";

test("lists agree with arrays under any pushes and removals", () => {
  const step = fc.record({
    list: fc.integer({ min: 0, max: 2 }),
    slot: fc.integer({ min: 0, max: 9 }),
    how: fc.constantFrom("first", "second", "last", "remove"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (plan) => {
      const lists = new LinkedLists(3, 4);
      lists.grow(10);
      const model: number[][] = [[], [], []];
      for (const { list, slot, how } of plan) {
        const holder = model.findIndex((slots) => slots.includes(slot));
        if (how === "remove") {
          lists.remove(slot);
          if (holder >= 0) model[holder].splice(model[holder].indexOf(slot), 1);
        } else if (holder < 0) {
          if (how === "first") lists.pushAfter(list, NONE, slot);
          else if (how === "second") lists.pushAfter(list, model[list][0] ?? NONE, slot);
          else lists.pushLast(list, slot);
          if (how === "first") model[list].unshift(slot);
          else if (how === "second") model[list].splice(1, 0, slot);
          else model[list].push(slot);
        }
      }
      for (const [list, slots] of model.entries()) {
        expect(walk(lists, list)).toEqual(slots);
        expect(lists.count(list)).toBe(slots.length);
        expect(lists.last(list)).toBe(slots.at(-1) ?? NONE);
        for (const slot of slots) expect(lists.listOf(slot)).toBe(list);
      }
    }),
  );
});

function walk(lists: LinkedLists, list: number): number[] {
  const slots: number[] = [];
  for (let slot = lists.first(list); slot !== NONE; slot = lists.next(slot)) slots.push(slot);
  return slots;
}
