import { expect, test, vi } from "vitest";
import { everyTenSeconds } from "../../src/cli/progress/every-ten-seconds.js";
import { startStages } from "../../src/cli/progress/stages.js";
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

/** What stages of 35 and 5 seconds write. */
function writtenByStages(terminal: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): string {
  vi.useFakeTimers({ now: 0, toFake: ["setInterval", "clearInterval", "performance"] });
  try {
    let text = "";
    const output = { ...terminal, write: (more: string) => (text += more) };
    const stages = startStages(output, "calibrate", () => performance.now());
    stages.begin({ at: 1, of: 2, name: "installs" });
    vi.advanceTimersByTime(35_000);
    stages.begin({ at: 2, of: 2, name: "imports" });
    vi.advanceTimersByTime(4_000);
    stages.stop();
    vi.advanceTimersByTime(60_000);
    return text;
  } finally {
    vi.useRealTimers();
  }
}

test("without a terminal a stage writes a line when it begins, then one every ten seconds until the work ends", () => {
  expect(writtenByStages({}).split("\n")).toEqual([
    "calibrate: stage 1 of 2: installs",
    "calibrate: stage 1 of 2: installs, 10s",
    "calibrate: stage 1 of 2: installs, 20s",
    "calibrate: stage 1 of 2: installs, 30s",
    "calibrate: stage 2 of 2: imports",
    "",
  ]);
});

test("on a terminal each stage has one line, which a timer rewrites and which never wraps", () => {
  const lines = writtenByStages({ isTTY: true, columns: 30 }).split("\n");
  expect(lines).toHaveLength(3);
  const states = lines.flatMap((line) => line.split("\r\x1b[K"));
  expect(states[0]).toBe("calibrate: stage 1 of 2: inst");
  expect(lines[1]).toMatch(/^calibrate: stage 2 of 2: impo/);
  expect(Math.max(...states.map((state) => state.length))).toBeLessThan(30);
  expect(writtenByStages({ isTTY: true, columns: 0 })).toContain("installs, 35s");
});
