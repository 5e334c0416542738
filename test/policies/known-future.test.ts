import { expect, test } from "vitest";
import { KnownFuture, levelsOf, readFuture } from "../../src/policies/known-future.js";

// Runs of [0, 10), [4, 6), [6, 20), [8, 9), [30, 31): at 6 the second has ended, at 8 three run.
const ONE = {
  atUs: Float64Array.of(0, 4, 6, 8, 30),
  runUs: Float64Array.of(10, 2, 14, 1, 1),
};

test("a level counts the invocations that run at an arrival, itself included; one that ends then has ended", () => {
  expect([...levelsOf(ONE)]).toEqual([1, 2, 2, 3, 1]);
});

test("nextUs is the first later arrival of at least that level, whatever was asked before", () => {
  const future = new KnownFuture([ONE]);
  const asked = [
    [0, 1, 4],
    [0, 2, 4],
    [4, 2, 6],
    [6, 2, 8],
    [0, 2, 4], // back in time
    [0, 3, 8],
    [8, 3, Number.POSITIVE_INFINITY],
    [8, 1, 30],
    [30, 1, Number.POSITIVE_INFINITY],
  ] as const;
  for (const [afterUs, level, us] of asked) expect(future.nextUs(0, afterUs, level)).toBe(us);
  expect(future.nextUs(7, 0)).toBe(Number.POSITIVE_INFINITY); // a function that is never called
});

test("mostAtOnce is the highest level between two times, the first one left out; 0 without arrivals", () => {
  const future = new KnownFuture([ONE]);
  expect([
    future.mostAtOnce(0, 0, 6),
    future.mostAtOnce(0, 6, 8),
    future.mostAtOnce(0, 8, 29),
  ]).toEqual([2, 3, 0]);
});

test("readFuture sorts the arrivals of all batches by function", async () => {
  const batches = [
    { count: 2, atUs: [1, 2, 99], functionId: [1, 0, 0], runUs: [5, 6, 99] },
    { count: 1, atUs: [3], functionId: [1], runUs: [7] },
  ].map(({ count, atUs, functionId, runUs }) => ({
    count,
    atUs: Float64Array.from(atUs),
    functionId: Int32Array.from(functionId),
    runUs: Float64Array.from(runUs),
  }));
  const read = await readFuture({ next: () => batches.shift() ?? null }, 2);
  expect(read.map(({ atUs, runUs }) => [[...atUs], [...runUs]])).toEqual([
    [[2], [6]],
    [
      [1, 3],
      [5, 7],
    ],
  ]);
});
