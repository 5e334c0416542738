import { expect, test } from "vitest";
import { textTable } from "../../src/results/text-table.js";

const ROWS = [
  ["policy", "memory", "lost", "cold", "startup"],
  ["sock", "1 GiB", "0 %", "12 %", "3 ms"],
];

test("without a terminal a table is one block, the first column left and the others right", () => {
  expect(textTable(ROWS)).toBe(
    "policy  memory  lost  cold  startup\n" + "sock     1 GiB   0 %  12 %     3 ms\n",
  );
});

test("a table that is wider than the terminal becomes blocks that each begin with what names a row", () => {
  // 6 + 2 + 6 + 2 + 4 + 2 + 4 = 26 columns fit, and the fifth column would end at 35.
  expect(textTable(ROWS, { width: 26, heads: 2 })).toBe(
    "policy  memory  lost  cold\n" +
      "sock     1 GiB   0 %  12 %\n" +
      "\n" +
      "policy  memory  startup\n" +
      "sock     1 GiB     3 ms\n",
  );
});

test("no line is wider than the terminal, unless one column alone is", () => {
  for (let width = 23; width < 40; width++) {
    for (const line of textTable(ROWS, { width, heads: 2 }).split("\n"))
      expect(line.length).toBeLessThanOrEqual(width);
  }
  expect(textTable(ROWS, { width: 1, heads: 2 }).split("\n\n")).toHaveLength(3);
});

test("a row that ends early has nothing in the later blocks", () => {
  const rows = [...ROWS, ["none", "1 GiB"]];
  expect(
    textTable(rows, { width: 26, heads: 2 })
      .split("\n")
      .filter((line) => /^none/.test(line)),
  ).toEqual(["none     1 GiB", "none     1 GiB"]);
});
