import { spawnSync } from "node:child_process";
import { mkdirSync, openSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./run-cli.js";

const PROGRAM = new URL("../../bin/socklab.js", import.meta.url).pathname;
const TINY = new URL("../../traces/tiny", import.meta.url).pathname;
const isRoot = process.getuid?.() === 0;

/** Runs the program in a folder. A command that does not end is killed, and has no exit code. */
function socklab(cwd: string, argv: readonly string[], stdout: "pipe" | number = "pipe") {
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...argv], {
    cwd,
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
    stdio: ["ignore", stdout, "pipe"],
  });
  return { status, stderr };
}

const isOneLine = (status: number | null, stderr: string) => {
  expect([status, stderr.trimEnd().split("\n").length], stderr).toEqual([2, 1]);
  expect(stderr).toMatch(/^socklab: /);
};

const ROWS = "app,func,end_timestamp,duration\na,f,1.5,0.5\n";

/** Commands that make a folder or a file at a path. */
const writers = (path: string): readonly (readonly string[])[] => [
  ["trace", "convert", "azure-2021:rows.csv", "-o", path],
  ["trace", "generate", path, "--functions", "2", "--minutes", "1"],
  ["trace", "generate", `${path}.json`, "--packages", "10"],
  ["sweep", TINY, "--minutes", "1", "--out", path],
];

test.skipIf(!isRoot)(
  "a folder on a read-only disk is one line and exit code 2 (skipped without root, who mounts one)",
  async () => {
    const folder = await temporaryFolder();
    const disk = join(folder, "ro");
    mkdirSync(disk);
    writeFileSync(join(folder, "rows.csv"), ROWS);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", disk]).status).toBe(0);
    try {
      for (const argv of writers("ro/x")) {
        const { status, stderr } = socklab(folder, argv);
        isOneLine(status, stderr);
        expect(stderr).toMatch(/EROFS/);
      }
    } finally {
      spawnSync("umount", [disk]);
    }
    expect(readdirSync(folder).toSorted()).toEqual(["ro", "rows.csv"]);
  },
  120_000,
);

test.skipIf(!isRoot)(
  "a disk that fills while a trace is written is one line and exit code 2, and nothing of it stays (skipped without root)",
  async () => {
    const folder = await temporaryFolder();
    const disk = join(folder, "small");
    mkdirSync(disk);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", disk]).status).toBe(0);
    try {
      for (const argv of [
        ["trace", "convert", "demo", "--minutes", "60", "-o", "small/x"],
        ["trace", "generate", "small/x", "--functions", "40", "--minutes", "60"],
        ["trace", "generate", "small/x.json", "--packages", "500"],
      ]) {
        const { status, stderr } = socklab(folder, argv);
        isOneLine(status, stderr);
        expect(stderr).toMatch(/ENOSPC/);
        expect(readdirSync(disk)).toEqual([]);
      }
    } finally {
      spawnSync("umount", [disk]);
    }
  },
  120_000,
);

test("a path below /proc, in which nothing can be made, is one line and exit code 2, and ends", async () => {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, "rows.csv"), ROWS);
  for (const argv of writers("/proc/x/y")) {
    const { status, stderr } = socklab(folder, argv);
    isOneLine(status, stderr);
    expect(stderr).toMatch(/\/proc\/x/);
  }
}, 120_000);

test("a standard output that is full is one line and exit code 2", async () => {
  const { status, stderr } = socklab(
    await temporaryFolder(),
    ["run", TINY, "--minutes", "1", "--json"],
    openSync("/dev/full", "w"),
  );
  isOneLine(status, stderr);
  expect(stderr).toMatch(/standard output: cannot be written \(ENOSPC/);
}, 60_000);

test("a current folder that was removed is one line and exit code 2", async () => {
  const folder = join(await temporaryFolder(), "gone");
  mkdirSync(folder);
  const script = 'rmdir "$PWD" && exec "$0" "$@"';
  const run = spawnSync(
    "sh",
    ["-c", script, process.execPath, PROGRAM, "run", TINY, "--minutes", "1"],
    { cwd: folder, encoding: "utf8" },
  );
  isOneLine(run.status, run.stderr);
  expect(run.stderr).toMatch(/the current folder was removed/);
  expect(() => rmdirSync(folder)).toThrow(/ENOENT/);
}, 60_000);

test("a --base that is no folder is one line and exit code 2, before anything is made", async () => {
  const folder = await temporaryFolder();
  for (const argv of [
    ["worker", "--port", "0"],
    ["run", TINY, "--backend", "real"],
  ]) {
    const { status, stderr } = socklab(folder, [...argv, "--base", "/nonexistent", "--state", "s"]);
    isOneLine(status, stderr);
    expect(stderr).toMatch(/--base \/nonexistent: is no folder/);
    expect(readdirSync(folder)).toEqual([]);
  }
}, 60_000);
