import { expect, test } from "vitest";
import { FunctionLogs, logTail } from "../../src/worker/function-logs.js";
import type { InvocationResult } from "../../src/worker/worker.js";

function printed(stdout: string): InvocationResult {
  return {
    outcome: "completed",
    start: "warm",
    answer: undefined,
    http: undefined,
    isBadEvent: false,
    message: "",
    traceback: "",
    stdout,
    stderr: "",
    queueUs: 0,
    provisionUs: 0,
    runUs: 0,
  };
}

const TEXT = "x".repeat(1000);
const textsOf = (logs: FunctionLogs, name: string) => logs.of(name).map(({ stdout }) => stdout[0]);

test("a function's log keeps its newest entries within the limit, and always the last one", () => {
  // an entry has 1000 characters and 256 for the rest: two of them fit in 2600, three do not
  const logs = new FunctionLogs({ functionChars: 2600, allChars: 1_000_000 });
  for (const letter of "abc") logs.add("one", "now", printed(letter + TEXT.slice(1)));
  expect(textsOf(logs, "one")).toEqual(["b", "c"]);
  logs.add("one", "now", printed("d".repeat(10_000)));
  expect(textsOf(logs, "one")).toEqual(["d"]);
});

test("when all logs are too long together, those of the function that ran longest ago go first", () => {
  const logs = new FunctionLogs({ functionChars: 10_000, allChars: 2600 });
  logs.add("one", "now", printed(TEXT));
  logs.add("two", "now", printed(TEXT));
  logs.add("one", "now", printed(TEXT)); // now two is the older one, and 3 * 1256 > 2600
  expect([logs.of("one").length, logs.of("two").length]).toEqual([2, 0]);
});

test("the tail of a log is the last 4096 bytes of its output, as with AWS Lambda", () => {
  const tail = Buffer.from(logTail({ stdout: "a".repeat(5000), stderr: "end" }), "base64");
  expect([tail.length, tail.toString().slice(-4)]).toEqual([4096, "aend"]);
});
