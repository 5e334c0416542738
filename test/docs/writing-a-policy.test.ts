import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "../cli/run-cli.js";
import { blocksOf } from "../readme/console-blocks.js";

const PAGE = readFileSync("docs/guide/writing-a-policy.md", "utf8");
const EXAMPLES = ["docs/examples/largest-first.ts", "docs/examples/common-packages.ts"];

test("the TypeScript that the page shows is part of the examples, which are type-checked and run", () => {
  const blocks = blocksOf(PAGE, "ts");
  expect(blocks).toHaveLength(EXAMPLES.length);
  for (const [at, block] of blocks.entries())
    expect(readFileSync(EXAMPLES[at], "utf8")).toContain(block);
});

test("the Python that the page shows is part of its example", () => {
  const [block, ...others] = blocksOf(PAGE, "python");
  expect(others).toEqual([]);
  expect(readFileSync("docs/examples/largest_first.py", "utf8")).toContain(block);
});

/** Less memory than the functions of the tiny trace need together. */
const SHORT = ["--memory", "512MiB"];

/** Runs a policy of the page on the tiny trace. Returns its result. */

async function runPolicy(path: string, ...options: readonly string[]) {
  const argv = ["run", "tiny", "--policy", path, "--json", ...options];
  const { exitCode, out, err } = await runCli(...argv);
  expect([exitCode, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

test("each JavaScript policy that the page shows runs, evicts, and is warned of nothing", async () => {
  const blocks = blocksOf(PAGE, "js");
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) {
    const name = block.match(/^\/\/ (\S+\.mjs):/)![1];
    const path = join(await temporaryFolder(), name);
    writeFileSync(path, block);
    const { run, tiers, warnings } = await runPolicy(path, ...SHORT, "--set", "zygote=none");
    expect(run.policy.evict.name).toBe(name.replace(".mjs", ""));
    expect(tiers.handler.evictions).toBeGreaterThan(0);
    expect(warnings).toEqual([]);
  }
});

test("a policy that names its base takes the other families from it", async () => {
  const path = join(await temporaryFolder(), "newest-out.mjs");
  writeFileSync(path, blocksOf(PAGE, "js").find((block) => block.includes("newestOut"))!);
  const { run } = await runPolicy(path, ...SHORT);
  expect(run.policy.zygote.name).toBe("none"); // from faascache
});

test("the Zygote policy that the page shows creates Zygotes, and forks them", async () => {
  const { invocations, warnings } = await runPolicy(EXAMPLES[1]);
  expect(invocations.zygote).toBeGreaterThan(0);
  expect(warnings).toEqual([]);
});

test("the commands that the page shows for its examples run", async () => {
  const commands = PAGE.match(/^npx socklab (.*docs\/examples.*\.ts.*)$/gm)!;
  expect(commands).toHaveLength(4);
  for (const command of commands) {
    const args = command.split(" ").slice(2);
    const { exitCode, err } = await runCli(...args);
    expect([command, exitCode, err]).toEqual([command, 0, ""]);
  }
});
