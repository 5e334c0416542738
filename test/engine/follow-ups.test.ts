import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CONTAINER_PACKAGE_FAILED,
  CONTAINER_READY,
  FollowUps,
  START_FAILED,
  ZYGOTE_PACKAGE_THERE,
} from "../../src/engine/follow-ups.js";

/** Takes all follow-ups, and adds those that each one leads to; returns the order of their ids. */
function handleAll(followUps: FollowUps, ledTo: ReadonlyMap<number, readonly number[]>): number[] {
  const order: number[] = [];
  for (let next = followUps.take(); next !== null; next = followUps.take()) {
    const { id } = next;
    order.push(id);
    for (const led of ledTo.get(id) ?? []) followUps.add(START_FAILED, led);
  }
  return order;
}

test("the follow-ups of a follow-up come before those that were behind it: 0 leads to 1 and 2", () => {
  const followUps = new FollowUps();
  for (const id of [0, 3, 4]) followUps.add(CONTAINER_PACKAGE_FAILED, id);
  const ledTo = new Map([
    [0, [1, 2]],
    [4, [5]],
  ]);
  expect(handleAll(followUps, ledTo)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(followUps.isEmpty).toBe(true);
});

test("each is taken with the kind, id and generation with which it was added", () => {
  const followUps = new FollowUps();
  followUps.add(ZYGOTE_PACKAGE_THERE, 7, 3);
  followUps.add(CONTAINER_READY, 8);
  expect(followUps.take()).toMatchObject({ kind: ZYGOTE_PACKAGE_THERE, id: 7, generation: 3 });
  expect(followUps.take()).toMatchObject({ kind: CONTAINER_READY, id: 8, generation: 0 });
  expect(followUps.take()).toBeNull();
});

test("the order is that of nested calls, however deep one follow-up leads to the next", () => {
  // The parent of the i-th node is a node before it, or -1 for a root: this can draw any forest.
  const drawn = fc.array(fc.nat({ max: 30 }), { maxLength: 30 });
  fc.assert(
    fc.property(drawn, (numbers) => {
      const children = new Map<number, number[]>([[-1, []]]);
      for (const [id, number] of numbers.entries()) {
        children.set(id, []);
        children.get((number % (id + 1)) - 1)!.push(id);
      }
      const called: number[] = [];
      const call = (id: number) => {
        called.push(id);
        children.get(id)!.forEach(call);
      };
      children.get(-1)!.forEach(call);

      const followUps = new FollowUps();
      for (const id of children.get(-1)!) followUps.add(START_FAILED, id);
      expect(handleAll(followUps, children)).toEqual(called);
    }),
    { numRuns: 300 },
  );
});
