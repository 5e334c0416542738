import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { REPORT_OPTIONS } from "../../src/cli/report.js";
import { reportedRun, reportedStudy } from "../report/samples.js";
import { runCli, temporaryFolder } from "./run-cli.js";

/** A folder of files. Each contains its value as JSON, or a text unchanged. */
async function folderOf(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, value] of Object.entries(files)) {
    await writeFile(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));
  }
  return folder;
}

test("every option has a description with its unit or its value, and the help has examples", async () => {
  const { out } = await runCli("report", "--help");
  expect(out).toContain("Examples:");
  for (const [name, { describe: text }] of Object.entries(REPORT_OPTIONS)) {
    expect(out, name).toContain(`--${name}`);
    expect(text, name).toMatch(/\(.+\)/);
  }
});

describe("what is written", () => {
  test("a page of less than 2 MB, a JSON file and a folder of tables from a folder", async () => {
    const files = Object.fromEntries(reportedStudy().map((run) => [`${run.run.id}.json`, run]));
    const folder = await folderOf({ ...files, "study.json": { schema: "socklab.study/1" } });
    const [page, data, json] = ["r.html", "data", "r.js"].map((name) => join(folder, name));
    const run = await runCli("report", folder, "-o", page, "--data", data, "--json", json);
    expect(run).toEqual({ exitCode: 0, out: "", err: "" });
    const text = await readFile(page, "utf8");
    expect(text).toContain("2 policies, 4 configurations, 8 runs");
    expect(text.length).toBeLessThan(2_000_000);
    const rows = (await readFile(join(data, "runs.csv"), "utf8")).trimEnd().split("\n");
    expect([rows.length, rows[0]]).toEqual([1 + 8, expect.stringMatching(/^run,file,id,command,/)]);
    expect(existsSync(join(data, "runs.parquet"))).toBe(true);
    expect(JSON.parse(await readFile(json, "utf8")).schema).toBe("socklab.report/1");
  });

  test("a page of one run, and a page of the difference of two", async () => {
    const folder = await folderOf({
      "a.json": reportedRun(),
      "b.json": reportedRun({ preset: "openwhisk" }),
    });
    const [a, b, page] = ["a.json", "b.json", "r.html"].map((name) => join(folder, name));
    expect((await runCli("report", a, "-o", page)).exitCode).toBe(0);
    expect(await readFile(page, "utf8")).toContain("One run: sock-");
    expect((await runCli("report", "--diff", a, b, "-o", page)).exitCode).toBe(0);
    expect(await readFile(page, "utf8")).toContain('id="difference"');
  });

  test("a list of results is read as its results, and a warning is printed too", async () => {
    const runs = [reportedRun(), reportedRun({ preset: "openwhisk", seed: 2 })];
    const folder = await folderOf({ "list.json": runs });
    const page = join(folder, "r.html");
    const { exitCode, err } = await runCli("report", join(folder, "list.json"), "-o", page);
    expect(exitCode).toBe(0);
    expect(err).toMatch(/^socklab: warning: Means are over different seeds: .*\n$/);
  });
});

test("an incomplete sweep is reported on the page and on standard error", async () => {
  const runs = [
    { hash: "a", state: "done" },
    { hash: "b", state: "failed", why: "no such file" },
    { hash: "c", state: "missing" },
  ];
  const study = { schema: "socklab.study/1", runs };
  const folder = await folderOf({ "a.json": reportedRun(), "study.json": study });
  const page = join(folder, "r.html");
  const { exitCode, err } = await runCli("report", folder, "-o", page);
  expect([exitCode, err]).toEqual([0, expect.stringContaining("2 of 3 runs have no result")]);
  expect(await readFile(page, "utf8")).toContain("2 of 3 runs have no result (no such file)");
});

describe("bad input is one line and exit code 2, and no file is written", () => {
  const whole = JSON.stringify(reportedRun());
  const moved = reportedRun();
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ["a truncated file", whole.slice(0, 900), /bad\.json: not JSON .* expected a result file/],
    [
      "another schema",
      { ...moved, schema: "socklab.result/3" },
      /schema "socklab\.result\/3", expected/,
    ],
    ["no schema", { run: 1 }, /bad\.json: no schema, expected "socklab\.result\/2"/],
    ["a missing part", { ...moved, tiers: undefined }, /bad\.json: tiers: /],
    [
      "outcomes that do not sum",
      { ...moved, invocations: { ...moved.invocations, failed: 7 } },
      /outcomes sum to 107 and not to the total 100/,
    ],
    [
      "starts without times",
      { ...moved, invocations: { ...moved.invocations, warm: 7 } },
      /27 starts by kind and 100 startup times/,
    ],
    ["an empty list", [], /bad\.json: an empty list/],
    ["another trace", reportedRun({ trace: "elsewhere" }), /of trace .* and .* of /],
  ];
  for (const [name, value, message] of cases) {
    test(name, async () => {
      const folder = await folderOf({ "bad.json": value, "good.json": reportedRun() });
      const page = join(folder, "r.html");
      const { exitCode, out, err } = await runCli("report", folder, "-o", page);
      expect([exitCode, out]).toEqual([2, ""]);
      expect(err).toMatch(message);
      expect(err.trimEnd().split("\n")).toHaveLength(1);
      expect(existsSync(page)).toBe(false);
    });
  }

  test("an empty folder, a missing file, a missing output folder", async () => {
    const folder = await folderOf({ "a.json": reportedRun() });
    const page = join(folder, "r.html");
    const empty = await temporaryFolder();
    const nothing = await runCli("report", empty, "-o", page);
    expect([nothing.exitCode, nothing.err]).toEqual([
      2,
      expect.stringContaining("no result in this"),
    ]);
    const missing = await runCli("report", join(folder, "x.json"), "-o", page);
    expect([missing.exitCode, missing.err]).toEqual([2, expect.stringContaining("no such file")]);
    const nowhere = await runCli("report", folder, "-o", join(folder, "no", "r.html"));
    expect([nowhere.exitCode, nowhere.err]).toEqual([
      2,
      expect.stringContaining("there is no folder"),
    ]);
  });

  test("--diff of one result, and a --memory that no run has", async () => {
    const folder = await folderOf({ "a.json": reportedRun() });
    const page = join(folder, "r.html");
    const one = await runCli("report", folder, "--diff", "-o", page);
    expect([one.exitCode, one.err]).toEqual([2, expect.stringContaining("expected two")]);
    const other = await runCli("report", folder, "--memory", "7GiB", "-o", page);
    expect([other.exitCode, other.err]).toEqual([2, expect.stringContaining("no run has it")]);
  });
});
