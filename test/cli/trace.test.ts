import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "./run-cli.js";

test("trace info describes a trace as text, and with --json as an object", async () => {
  const { exitCode, out } = await runCli("trace", "info", "traces/tiny");
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^functions +12/m);
  const json = await runCli("trace", "info", "traces/tiny", "--json");
  expect(JSON.parse(json.out)).toMatchObject({ functions: 12, spanUs: 30 * 60_000_000 });
});

test("a sample of 5 functions and 10 minutes is a trace of 5 functions and 10 minutes", async () => {
  const folder = join(await temporaryFolder(), "sample");
  const cut = ["--functions", "5", "--minutes", "10"];
  const sample = await runCli("trace", "sample", "traces/tiny", ...cut, "-o", folder);
  expect([sample.exitCode, sample.out]).toEqual([0, ""]);
  expect(sample.err).toContain("5 functions");
  const { out } = await runCli("trace", "info", folder, "--json");
  expect(JSON.parse(out).functions).toBe(5);
});

test("a converted trace contains every invocation of its source", async () => {
  const folder = join(await temporaryFolder(), "copy");
  expect((await runCli("trace", "convert", "traces/tiny", "-o", folder)).exitCode).toBe(0);
  const [source, copy] = await Promise.all(
    ["traces/tiny", folder].map((path) => runCli("trace", "info", path, "--json")),
  );
  expect(JSON.parse(copy.out).invocations).toBe(JSON.parse(source.out).invocations);
});

test("a generated workload can be described; a path that ends in .json.gz makes a catalogue", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "workload");
  const small = ["--functions", "6", "--minutes", "20", "--packages", "30"];
  const made = await runCli("trace", "generate", path, ...small, "--seed", "3");
  expect([made.exitCode, made.out]).toEqual([0, ""]);
  expect(made.err).toContain("6 functions");
  expect((await runCli("trace", "info", path)).exitCode).toBe(0);
  const catalogue = join(folder, "packages.json.gz");
  expect((await runCli("trace", "generate", catalogue, "--packages", "30")).exitCode).toBe(0);
  expect(existsSync(catalogue)).toBe(true);
});

test("a wrong trace command exits with 2 and leaves no file", async () => {
  const folder = await temporaryFolder();
  const out = join(folder, "out");
  for (const argv of [
    ["sample", "traces/tiny", "-o", out],
    ["sample", "traces/tiny", "--functions", "0", "-o", out],
    ["convert", "nowhere", "-o", out],
    ["convert", "traces/tiny"],
    ["convert", "traces/tiny", "-o", folder],
    ["generate", out, "--functions", "many"],
    ["generate", out, "--top-share", "2"],
    ["info", "nowhere"],
    ["info", "csvv:traces/tiny"],
  ]) {
    const { exitCode, err } = await runCli("trace", ...argv);
    expect([exitCode, err.trimEnd().split("\n").length], argv.join(" ")).toEqual([2, 1]);
  }
  expect(readdirSync(folder)).toEqual([]);
});
