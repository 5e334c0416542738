import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../src/basics/make-folder.js";
import { runCli, temporaryFolder } from "../cli/run-cli.js";

test("it makes a folder and those above it, and leaves one that exists as it is", async () => {
  const above = await temporaryFolder();
  const folder = join(above, "a", "b", "c");
  makeFolder(folder, "--out");
  const made = statSync(folder);
  makeFolder(folder, "--out");
  expect(statSync(folder).ino).toBe(made.ino);
});

test("a path through a file, or below /proc, is refused: it names the option, and does not hang", async () => {
  const file = join(await temporaryFolder(), "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "a"), "/proc/a", "/proc/a/b"]) {
    expect(() => makeFolder(path, "--out"), path).toThrow(/^--out .*: cannot be made \(/);
  }
  expect(existsSync("/proc/a")).toBe(false);
});

test("a sweep whose folder would be below /proc is one line and exit code 2", async () => {
  const run = await runCli("sweep", "traces/tiny", "--out", "/proc/a/b");
  expect(run).toMatchObject({ exitCode: 2, out: "" });
  expect(run.err).toMatch(/^socklab: --out \/proc\/a\/b: cannot be made \(.*\)\n$/);
});
