import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PRESETS } from "../../src/policies/presets.js";
import { runCli, temporaryFolder } from "./run-cli.js";

async function recordTiny(...options: readonly string[]): Promise<string> {
  const journal = join(await temporaryFolder(), "run.journal");
  const { exitCode } = await runCli("run", "traces/tiny", "--journal", journal, ...options);
  expect(exitCode).toBe(0);
  return journal;
}

for (const { name } of PRESETS) {
  test(`replay accepts the journal of ${name}`, async () => {
    const journal = await recordTiny("--policy", name, "--memory", "512MiB");
    const { exitCode, out, err } = await runCli("replay", journal);
    expect([exitCode, err]).toEqual([0, ""]);
    expect(out).toContain("no divergence");
  });
}

test("an altered operation exits with 1, and the message names the line, the recorded operation and the replayed one", async () => {
  const journal = await recordTiny();
  const lines = readFileSync(journal, "utf8").split("\n");
  const at = lines.findIndex((line, i) => i > 300 && line.startsWith("  > run "));
  const altered = lines.with(at, lines[at].replace("> run ", "> run 9"));
  writeFileSync(journal, altered.join("\n"));
  const { exitCode, out } = await runCli("replay", journal);
  expect(exitCode).toBe(1);
  expect(out).toContain(`${journal}:${at + 1}: diverged`);
  expect(out).toContain(`recorded -> ${altered[at].trim()}`);
  expect(out).toContain(`replayed -> ${lines[at].trim()}`);
});

test("a removed line exits with 1", async () => {
  const journal = await recordTiny();
  const lines = readFileSync(journal, "utf8").split("\n");
  const at = lines.findIndex((line, i) => i > 300 && line.startsWith("  > run "));
  writeFileSync(journal, lines.toSpliced(at, 1).join("\n"));
  expect((await runCli("replay", journal)).exitCode).toBe(1);
});

test("a journal that is cut off, a file that is not a journal, and a missing file exit with 2", async () => {
  const journal = await recordTiny();
  const text = readFileSync(journal, "utf8");
  writeFileSync(journal, text.slice(0, text.length / 2));
  for (const path of [journal, "package.json", "nowhere.journal"]) {
    const { exitCode, out, err } = await runCli("replay", path);
    expect([exitCode, out], path).toEqual([2, ""]);
    expect(err).toContain(path);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  }
});

test("a registration that is damaged, or that names a place that no table has, exits with 2", async () => {
  const journal = await recordTiny();
  const [header, ...lines] = readFileSync(journal, "utf8").split("\n");
  const row = ["f", 0, 1, [], [], 1];
  for (const registration of [{}, { function: [9_999, row], packages: [] }]) {
    const line = `${Number.MAX_SAFE_INTEGER} registered ${JSON.stringify(registration)}`;
    writeFileSync(journal, [header, ...lines.toSpliced(-2, 0, line)].join("\n"));
    const { exitCode, err } = await runCli("replay", journal);
    expect([exitCode, err.trimEnd().split("\n").length], line).toEqual([2, 1]);
    expect(err).toContain("not a registration");
  }
});

test("a damaged header, and lines after the end, exit with 2 and one line", async () => {
  const journal = await recordTiny();
  const [header, ...lines] = readFileSync(journal, "utf8").split("\n");
  for (const part of ["config", "policies", "functions", "packages"]) {
    const { [part]: _, ...rest } = JSON.parse(header);
    writeFileSync(journal, [JSON.stringify(rest), ...lines].join("\n"));
    const { exitCode, err } = await runCli("replay", journal);
    expect([exitCode, err.trimEnd().split("\n").length], part).toEqual([2, 1]);
    expect(err).toContain(`${journal}:1: the header is damaged`);
  }
  writeFileSync(journal, [header, ...lines.slice(0, -1), "0 woke", ""].join("\n"));
  expect(await runCli("replay", journal)).toMatchObject({ exitCode: 2, out: "" });
});
