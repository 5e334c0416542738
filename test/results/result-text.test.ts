import { expect, test } from "vitest";
import { formatGibHours, renderResult } from "../../src/results/result-text.js";
import { sampleResult } from "./samples.js";

test("the text of a result equals the snapshot", async () => {
  await expect(renderResult(sampleResult())).toMatchFileSnapshot("result-text.snapshot.txt");
});

test("no line is wider than 100 columns, with ten billion invocations", () => {
  for (const line of renderResult(sampleResult(1e8)).split("\n")) {
    expect(line.length, line).toBeLessThanOrEqual(100);
  }
});

test("2 GiB for an hour and a half are 3 GiB h", () => {
  expect(formatGibHours(2 * 1024 ** 3 * 5400)).toBe("3.00 GiB h");
});

test("on a terminal of 80 columns no table of a run is wider, and each row still begins with its name", () => {
  const wide = renderResult(sampleResult());
  const narrow = renderResult(sampleResult(), 80);
  const rowsOf = (text: string) => text.split("\n").filter((line) => /^ {2}\S+ {2,}/.test(line));
  expect(Math.max(...rowsOf(wide).map((line) => line.length))).toBeGreaterThan(80);
  expect(Math.max(...rowsOf(narrow).map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(renderResult(sampleResult(), 0)).toBe(wide); // a terminal that does not know its size
  expect(narrow.match(/^starts +.*$/gm)).toHaveLength(2);
});
