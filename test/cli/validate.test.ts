import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFidelity } from "../../src/lab/validate/make-fidelity.js";
import { BOUNDS } from "../../src/results/fidelity-bounds.js";
import { SAMPLE_ASKED, samplePolicy } from "../lab/validate/samples.js";
import { runCli, temporaryFolder } from "./run-cli.js";

const leftovers = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith("socklab-validate-"));

for (const [options, said] of [
  [["--policy", "sock,sock"], '"sock" is given twice'],
  [["--policy", "sock,nothing"], '"nothing" is neither a file nor a preset'],
  [["--bound", "p51=5%"], '"p51" is not a bound'],
  [["--repeats", "0"], "--repeats"],
  [["--memory", "much"], "--memory"],
  [["--runs", "package.json"], "--runs package.json"],
] as const) {
  test(`${options.join(" ")} exits with 2 and one line, before any run`, async () => {
    const { exitCode, out, err } = await runCli("validate", "traces/tiny", ...options);
    expect([exitCode, out]).toEqual([2, ""]);
    expect(err).toContain(said);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });
}

test("on a machine without the real backend it exits with 3, and leaves no file", async () => {
  const before = leftovers();
  const out = join(await temporaryFolder(), "fidelity.json");
  const state = join(await temporaryFolder(), "state");
  const { exitCode, err } = await runCli(
    ...["validate", "traces/tiny", "--python", "/bin/false", "--state", state, "-o", out],
  );
  expect(exitCode, err).toBe(3);
  expect(existsSync(out)).toBe(false);
  expect(leftovers()).toEqual(before);
});

test("a report recognises a comparison by its schema, and accepts no other file with it", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "fidelity.json");
  const page = join(folder, "fidelity.html");
  writeFileSync(file, JSON.stringify(makeFidelity(SAMPLE_ASKED, [samplePolicy("sock")], BOUNDS)));
  expect(await runCli("report", file, "-o", page)).toMatchObject({ exitCode: 0 });
  expect(existsSync(page)).toBe(true);
  const two = await runCli("report", file, file, "-o", page);
  expect(two.exitCode).toBe(2);
  expect(two.err).toContain("expected no other file");
  writeFileSync(file, '{"schema": "socklab.fidelity/1"}');
  expect(await runCli("report", file, "-o", page)).toMatchObject({ exitCode: 2 });
});
