import { expect, test } from "vitest";
import { InputError } from "../../../src/basics/errors.js";
import { workerLog } from "../../../src/cli/progress/worker-log.js";

async function linesOf(format: string): Promise<string[]> {
  const texts: string[] = [];
  const log = await workerLog(format, { write: (text: string) => texts.push(text) } as never);
  log.info("listening on http://127.0.0.1:5000");
  log.warn('a "quoted"\nname');
  log.error("socklab: it broke");
  return texts;
}

test("as text, each line is its text", async () => {
  expect((await linesOf("text"))[0]).toBe("listening on http://127.0.0.1:5000\n");
});

test("as JSON, each entry is one line with its level, an ISO time and the text", async () => {
  const lines = await linesOf("json");
  for (const line of lines) expect(line.indexOf("\n")).toBe(line.length - 1);
  const entries = lines.map((line) => JSON.parse(line));
  expect(entries.map(({ level }) => level)).toEqual(["info", "warn", "error"]);
  expect(entries[1].msg).toBe('a "quoted"\nname');
  for (const { time, pid } of entries) {
    expect(new Date(time).toISOString()).toBe(time);
    expect(pid).toBe(process.pid);
  }
});

test("an unknown format is refused with those that exist", async () => {
  await expect(linesOf("xml")).rejects.toThrow(
    new InputError("--log-format xml: expected text or json"),
  );
});
