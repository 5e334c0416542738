import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { TRACE_OPTIONS } from "../../src/cli/options/trace-options.js";
import { RUN_OPTIONS } from "../../src/cli/run.js";
import { GENERATE_OPTIONS } from "../../src/trace/generate/generate-options.js";
import { runCli } from "./run-cli.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test("an unknown option exits with 2 and one line that names it", async () => {
  const { exitCode, out, err } = await runCli("run", "traces/tiny", "--memoy", "1GiB");
  expect([exitCode, out]).toEqual([2, ""]);
  expect(err).toMatch(/^socklab: .*memoy.*--help\n$/);
});

test("an unknown command, a missing command and a missing trace exit with 2", async () => {
  for (const argv of [["rnu"], [], ["run"], ["trace"], ["run", "a", "b"], ["run", "a", "--seed"]]) {
    const { exitCode, out, err } = await runCli(...argv);
    expect([exitCode, out], argv.join(" ")).toEqual([2, ""]);
    expect(err.trimEnd().split("\n"), argv.join(" ")).toHaveLength(1);
  }
});

test("run without a trace says what is missing, and not how yargs counts", async () => {
  const { err } = await runCli("run");
  expect(err).toBe(
    "socklab: 0 of 1 arguments are given; a trace, file or name is missing; see socklab --help\n",
  );
});

test("help and version go to standard output and exit with 0", async () => {
  const help = await runCli("run", "--help");
  expect([help.exitCode, help.err]).toEqual([0, ""]);
  for (const name of Object.keys({ ...RUN_OPTIONS, ...TRACE_OPTIONS })) {
    expect(help.out).toContain(`--${name}`);
  }
  const version: string = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")).version;
  expect((await runCli("--version")).out).toBe(`${version}\n`);
});

test("every option has a description with its unit or its choices", () => {
  for (const [name, option] of Object.entries({ ...RUN_OPTIONS, ...TRACE_OPTIONS })) {
    expect(option.describe.length, `--${name}`).toBeGreaterThan(10);
    const unit = /\(.+\)|: \w+(,| or) |preset|repeated|catalogue|Print/i;
    expect(option.describe, `--${name}`).toMatch(unit);
  }
  for (const [name, { description, unit }] of Object.entries(GENERATE_OPTIONS)) {
    expect(description.length * unit.length, name).toBeGreaterThan(0);
  }
});

test("every command and subcommand has a description and an example", async () => {
  const commands = ["run", "replay", "policies", "trace info", "trace convert", "trace sample"];
  for (const command of [...commands, "trace generate"]) {
    const { out } = await runCli(...command.split(" "), "--help");
    expect(out, command).toContain("Examples:");
  }
});

test("a preset and a policy of the same name are both described; for an unknown name the known ones are listed", async () => {
  const sock = await runCli("policies", "sock");
  expect(sock.out).toContain("preset sock:");
  expect(sock.out).toContain("zygote=sock:");
  expect(sock.out).toContain("evict=sock:");
  const zygote = await runCli("policies", "zygote=sock");
  expect(zygote.out).not.toContain("evict=sock");
  const unknown = await runCli("policies", "soc");
  expect(unknown.exitCode).toBe(2);
  expect(unknown.err).toContain("sock, openlambda");
});

test("the program runs, or says how to build it", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`${ROOT}bin/socklab.js`, "policies"],
    { encoding: "utf8" },
  );
  if (existsSync(`${ROOT}dist/cli/main.js`)) {
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("presets");
  } else {
    expect([status, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/npm run build\n$/);
  }
});
