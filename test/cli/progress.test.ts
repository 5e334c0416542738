import { expect, test } from "vitest";
import { everyTenSeconds } from "../../src/cli/progress/every-ten-seconds.js";
import { formatTimeLeft } from "../../src/cli/progress/time-left.js";

test("the time left has at most 59 seconds and 59 minutes, and is ? while it is not known", () => {
  // cli-progress rounded 3 min 58 s to 3m60s, and wrote the end of INF
  expect([5, 59.6, 238, 239.7, 3599.6, 3900].map(formatTimeLeft)).toEqual([
    "5s",
    "1m00s",
    "3m58s",
    "4m00s",
    "1h00m",
    "1h05m",
  ]);
  expect(["INF", "NULL", Number.NaN].map(formatTimeLeft)).toEqual(["?", "?", "?"]);
});

test("without a terminal, work of 35 seconds writes 3 lines, and work of 9 seconds none", () => {
  for (const [seconds, count] of [
    [35, 3],
    [9, 0],
  ]) {
    let nowMs = 0;
    const lines: string[] = [];
    const write = everyTenSeconds({ write: (text) => lines.push(text) }, () => nowMs);
    for (; nowMs <= seconds * 1000; nowMs += 100) write(() => `${nowMs} ms`);
    expect(lines).toHaveLength(count);
    expect(lines[0] ?? "socklab: 10000 ms\n").toBe("socklab: 10000 ms\n");
  }
});
