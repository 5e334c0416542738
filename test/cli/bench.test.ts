import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BENCH_OPTIONS } from "../../src/cli/bench.js";
import { BENCH_LIST } from "../../src/lab/benches.js";
import { benched } from "../report/bench-samples.js";
import { reportedRun } from "../report/samples.js";
import { runCli, temporaryFolder } from "./run-cli.js";

test("every option and bench is described in the help", async () => {
  const { out } = await runCli("bench", "--help");
  expect(out).toContain("Examples:");
  for (const [name, { describe: text }] of Object.entries(BENCH_OPTIONS)) {
    expect(out, name).toContain(`--${name}`);
    expect(text.length, name).toBeGreaterThan(10);
  }
  for (const { name } of BENCH_LIST) expect(out).toContain(name);
});

test.each([
  ["an unknown bench", ["bench", "toast"], /toast/],
  [
    "samples that are not a number",
    ["bench", "primitives", "--samples", "many"],
    /--samples: "many"/,
  ],
  ["0 samples", ["bench", "primitives", "--samples", "0"], /--samples: "0"/],
  ["--only for all benches", ["bench", "all", "--only", "forks"], /--only: .* name one bench/],
  ["a file instead of the folder", ["bench", "primitives", "-o", "LICENSE"], /LICENSE: cannot be/],
])("%s is refused in one line with exit code 2", async (_, argv, message) => {
  const { exitCode, out, err } = await runCli(...argv);
  expect([exitCode, out]).toEqual([2, ""]);
  expect(err).toMatch(message);
  expect(err.trimEnd().split("\n")).toHaveLength(1);
});

test("a machine that cannot run the real backend is reported in one line with exit code 3", async () => {
  const argv = ["bench", "primitives", "--python", "/no/such/python"];
  const { exitCode, out, err } = await runCli(...argv);
  expect([exitCode, out]).toEqual([3, ""]);
  expect(err).toMatch(/^socklab: the real backend cannot run here: .*\n$/);
});

describe("socklab report of benches", () => {
  test("draws a file, a list and a folder of bench results", async () => {
    const folder = await temporaryFolder();
    const [one, list, page] = ["a.json", "list.json", "r.html"].map((name) => join(folder, name));
    await writeFile(one, JSON.stringify(benched()));
    await writeFile(list, JSON.stringify([benched(), benched()]));
    for (const [given, benches] of [
      [one, 1],
      [list, 2],
      [folder, 3],
    ] as const) {
      const { exitCode, err } = await runCli("report", given, "-o", page);
      expect(exitCode, err).toBe(0);
      const text = await readFile(page, "utf8");
      expect(text.match(/<h2>containers: create/g)).toHaveLength(benches);
    }
  });

  test("refuses to mix bench results with results of runs", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.json"), JSON.stringify(benched()));
    await writeFile(join(folder, "b.json"), JSON.stringify(reportedRun()));
    const { exitCode, err } = await runCli("report", folder, "-o", join(folder, "r.html"));
    expect(exitCode).toBe(2);
    expect(err).toMatch(/runs and of benches/);
  });

  test("refuses a bench result of another shape, and names the field", async () => {
    const folder = await temporaryFolder();
    const bad = { ...benched(), bench: "toast" };
    await writeFile(join(folder, "a.json"), JSON.stringify(bad));
    const { exitCode, err } = await runCli("report", folder, "-o", join(folder, "r.html"));
    expect(exitCode).toBe(2);
    expect(err).toMatch(/a\.json: .*bench/);
  });
});
