import { readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OutputFile } from "../../../src/lab/run/output-file.js";
import { temporaryFolder } from "../../cli/run-cli.js";

test("a file gets its name when it is complete, and not before", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "a.txt");
  const file = new OutputFile(path, "--out");
  file.write("é".repeat(3_000_000)); // more than one chunk, two bytes per character
  expect(readdirSync(folder)).not.toContain("a.txt");
  file.complete();
  file.discard(); // after completion it does nothing
  expect(readdirSync(folder)).toEqual(["a.txt"]);
  expect(readFileSync(path, "utf8")).toBe("é".repeat(3_000_000));
});

test("a discarded file leaves an earlier file unchanged", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "a.txt");
  writeFileSync(path, "before");
  const file = new OutputFile(path, "--out");
  file.write("half");
  file.discard();
  expect([readdirSync(folder), readFileSync(path, "utf8")]).toEqual([["a.txt"], "before"]);
});

test("the error for a missing folder, or a folder instead of a file, names the option", async () => {
  const folder = await temporaryFolder();
  expect(() => new OutputFile(join(folder, "no", "a"), "--out")).toThrow(/^--out .*no folder/);
  expect(() => new OutputFile(folder, "--journal")).toThrow(/^--journal .*is a folder/);
});

test("discardAll removes all unfinished files, and no finished file", async () => {
  const folder = await temporaryFolder();
  const finished = new OutputFile(join(folder, "finished"), "--out");
  const unfinished = new OutputFile(join(folder, "unfinished"), "--journal");
  finished.write("whole");
  finished.complete();
  unfinished.write("half");
  OutputFile.discardAll();
  expect(readdirSync(folder)).toEqual(["finished"]);
});

test("a device is not replaced, a link is followed, and two options cannot share a file", async () => {
  const folder = await temporaryFolder();
  expect(() => new OutputFile("/dev/null", "--out")).toThrow(
    /^--out \/dev\/null: this is a device/,
  );
  writeFileSync(join(folder, "target"), "before");
  symlinkSync(join(folder, "target"), join(folder, "link"));
  const file = new OutputFile(join(folder, "link"), "--out");
  expect(() => new OutputFile(join(folder, "target"), "--journal")).toThrow(
    /--out writes to this file too/,
  );
  file.write("after");
  file.complete();
  expect(readlinkSync(join(folder, "link"))).toBe(join(folder, "target"));
  expect(readFileSync(join(folder, "target"), "utf8")).toBe("after");
});
