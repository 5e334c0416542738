import { expect, test } from "vitest";
import { compareRankings } from "../../../src/lab/validate/ranking.js";

test("the same order on both backends has tau 1, and no clear pair is reversed", () => {
  const ranking = compareRankings([
    { label: "a", real: [1, 2], sim: [10, 10] },
    { label: "b", real: [5, 6], sim: [20, 20] },
    { label: "c", real: [8, 9], sim: [30, 30] },
  ]);
  expect(ranking).toEqual({
    ...{ realOrder: ["a", "b", "c"], simOrder: ["a", "b", "c"] },
    ...{ tau: 1, low: 1, high: 1, clearPairs: 3, reversedPairs: 0 },
  });
});

test("a pair whose real repeats overlap is not clear, and its reversal does not count", () => {
  const ranking = compareRankings([
    { label: "a", real: [1, 6], sim: [20] },
    { label: "b", real: [5, 4], sim: [10] },
  ]);
  expect(ranking).toMatchObject({ tau: -1, clearPairs: 0, reversedPairs: 0 });
  expect(ranking.low).toBe(-1);
  expect(ranking.high).toBe(1); // a resample of 1 and 6 may be 6 and 6, above b
});

test("a pair whose real repeats do not overlap, and which the simulator orders the other way, is reversed", () => {
  const ranking = compareRankings([
    { label: "a", real: [1, 2], sim: [20] },
    { label: "b", real: [5, 4], sim: [10] },
  ]);
  expect(ranking).toMatchObject({ clearPairs: 1, reversedPairs: 1 });
});
