import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { PHASES } from "../../../src/contract/backend.js";
import type { Result } from "../../../src/results/result.js";
import { temporaryFolder } from "../../cli/run-cli.js";

const ROOT = new URL("../../..", import.meta.url).pathname;
const PROGRAM = join(ROOT, "bin", "socklab.js");
const TINY = join(ROOT, "traces", "tiny");
/** Little memory and a short queue: every kind of start, and invocations that are lost. */
const SHORT = ["--memory", "200MiB", "--queue-limit", "3", "--queue-timeout", "2s"];

function socklab(...argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...argv], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return { status, out: stdout, err: stderr };
}

/** Rows of a CSV file whose fields have no quotes. */
function rowsOf(text: string): Record<string, string>[] {
  const [head, ...lines] = text.trimEnd().split("\n");
  const names = head.split(",");
  return lines.map((line) =>
    Object.fromEntries(line.split(",").map((cell, at) => [names[at], cell])),
  );
}

async function logged(...options: readonly string[]) {
  const folder = await temporaryFolder();
  const path = join(folder, "rows.csv");
  const journal = join(folder, "run.journal");
  const files = ["--invocations", path, "--journal", journal];
  const { status, out, err } = socklab("run", TINY, "--json", ...files, ...options);
  expect([status, err]).toEqual([0, ""]);
  const result: Result = JSON.parse(out);
  const lines = readFileSync(journal, "utf8").split("\n");
  return { rows: rowsOf(readFileSync(path, "utf8")), result, lines };
}

test("the rows add up to the result: starts by kind, outcomes, means and maxima of times", async () => {
  const { rows, result } = await logged(...SHORT);
  const { invocations, timesUs } = result;
  expect(invocations.rejected + invocations.timedOut).toBeGreaterThan(0);
  expect(rows).toHaveLength(invocations.total);
  const count = (column: string, value: string) =>
    rows.filter((row) => row[column] === value).length;
  const camel = (name: string) => name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());
  for (const column of ["startKind", "outcome"]) {
    for (const value of new Set(rows.map((row) => row[column]))) {
      if (value === "") continue; // no container served it
      expect(count(column, value), value).toBe(invocations[camel(value) as "cold"]);
    }
  }
  const started = rows.filter(({ startKind }) => startKind !== "");
  const columns = { actualDuration: "run", responseTime: "response", queueUs: "queue" } as const;
  for (const [column, time] of Object.entries(columns)) {
    const values = started.map((row) => Number(row[column]));
    expect(Math.max(...values), column).toBe(timesUs[time].max);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean, column).toBeCloseTo(timesUs[time].mean, 3);
  }
  for (const phase of PHASES) {
    const values = started.map((row) => Number(row[`${phase}Us`])).filter((value) => value > 0);
    expect(values.length, phase).toBe(timesUs[phase].count);
  }
});

test("each row has the function and the time of its arrival in the journal, and rows are in the order of their ends", async () => {
  const { rows, lines } = await logged(...SHORT);
  const header = JSON.parse(lines[0]);
  const arrivals = lines
    .filter((line) => / arrived /.test(line))
    .map((line) => line.split(" "))
    .map(([atUs, , functionId]) => [atUs, header.functions[Number(functionId)][0]]);
  expect(rows).toHaveLength(arrivals.length);
  let lastUs = 0;
  for (const row of rows) {
    const [atUs, name] = arrivals[Number(row["invocationID"])];
    expect([row["startTime"], row["functionName"]]).toEqual([atUs, name]);
    const endUs = Number(row["startTime"]) + Number(row["responseTime"]);
    expect(endUs).toBeGreaterThanOrEqual(lastUs);
    lastUs = endUs;
  }
});

test("an invocation that no container served has no kind of start and is a connectionTimeout; a served one is neither if it completed", async () => {
  const { rows } = await logged(...SHORT);
  for (const { startKind, outcome, connectionTimeout, functionTimeout } of rows) {
    expect(connectionTimeout).toBe(String(startKind === ""));
    expect(functionTimeout).toBe(String(startKind !== "" && outcome !== "completed"));
    if (startKind === "") expect(["rejected", "timed-out", "failed"]).toContain(outcome);
  }
});

test("CSV, CSV in gzip and Parquet have equal rows, and none changes the run's decisions", async () => {
  const folder = await temporaryFolder();
  const run = (...options: readonly string[]) =>
    (JSON.parse(socklab("run", TINY, "--json", ...options).out) as Result).run.digest;
  const path = (end: string) => join(folder, `rows.${end}`);
  const digests = ["csv", "csv.gz", "parquet"].map((end) => run("--invocations", path(end)));
  expect(new Set([run(), ...digests]).size).toBe(1);
  const csv = readFileSync(path("csv"), "utf8");
  expect(gunzipSync(readFileSync(path("csv.gz"))).toString()).toBe(csv);
  const file = await asyncBufferFromFile(path("parquet"));
  const parquet = (await parquetReadObjects({ file })).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value ?? "")])),
  );
  expect(parquet).toEqual(rowsOf(csv));
});

test("more rows than all batches hold are all written, in order: the run waits for the thread", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "rows.csv");
  const rows = 9 * 65_536 + 5;
  const script = join(folder, "fill.mjs");
  writeFileSync(script, FILL(path, rows));
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  const numbers = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => Number(line.split(",")[2]));
  expect(numbers).toHaveLength(rows);
  expect(numbers.every((number, at) => number === at)).toBe(true);
});

/** A program that logs invocations as fast as it can, from the built files. */
const FILL = (path: string, rows: number) => `
const at = (path) => import(${JSON.stringify(join(ROOT, "dist"))} + "/" + path);
const { InvocationLog } = await at("lab/data/invocation-log.js");
const { OutputFile } = await at("lab/run/output-file.js");
const { InvocationRecord, SILENT_OBSERVER } = await at("contract/observer.js");
const log = new InvocationLog(new OutputFile(${JSON.stringify(path)}, "--invocations"), ".csv");
log.start([{ name: "f", app: 0 }], SILENT_OBSERVER);
const record = new InvocationRecord();
for (record.invocation = 0; record.invocation < ${rows}; record.invocation++) log.add(record);
await log.complete();
`;

describe("a path that cannot be written is one line and exit code 2, and nothing is left", () => {
  test.each([
    ["of another format", "rows.txt", /expected a name that ends in \.csv, \.csv\.gz, \.parquet/],
    ["in a folder that does not exist", "none/rows.csv", /there is no folder .*: create it first/],
    ["of a folder", "folder.csv", /this is a folder, expected the name of a file/],
    ["of a device", "device.csv", /this is a device or a pipe, expected a file/],
    ["below /proc", "/proc/rows.csv", /cannot be written/],
    ["of the journal", "run.csv", /--journal writes to this file too/],
  ])("%s", async (_name, path, message) => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "folder.csv"));
    await symlink("/dev/full", join(folder, "device.csv"));
    const target = path.startsWith("/") ? path : join(folder, path);
    const journal = ["--journal", join(folder, "run.csv")];
    const run = socklab("run", TINY, "--invocations", target, ...journal);
    expect(run).toMatchObject({ status: 2, out: "", err: expect.stringMatching(message) });
    expect(run.err).toMatch(/^socklab: --invocations .*\n$/);
    expect(readdirSync(folder)).toEqual(["device.csv", "folder.csv"]);
  });
});

test("a run that SIGTERM ends leaves no table of invocations", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "rows.csv");
  // with so little memory the run lasts for seconds
  const demo = ["run", join(ROOT, "traces", "demo"), "--memory", "256MiB", "--set", "evict=lru"];
  const child = spawn(process.execPath, [PROGRAM, ...demo, "--invocations", path]);
  const ended = new Promise((resolve) =>
    child.on("exit", (code, signal) => resolve([code, signal])),
  );
  await expect.poll(() => readdirSync(folder), { timeout: 30_000 }).toHaveLength(1);
  child.kill("SIGTERM");
  expect(await ended).toEqual([null, "SIGTERM"]);
  expect(readdirSync(folder)).toEqual([]);
});
