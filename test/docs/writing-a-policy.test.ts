import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "../cli/run-cli.js";
import { blocksOf } from "../readme/console-blocks.js";

const PAGE = readFileSync("docs/guide/writing-a-policy.md", "utf8");
const EXAMPLE = "docs/examples/largest-first.ts";

test("the TypeScript that the page shows is part of the example, which is type-checked and run", () => {
  const [shown, ...others] = blocksOf(PAGE, "ts");
  expect(others).toEqual([]);
  expect(readFileSync(EXAMPLE, "utf8")).toContain(shown);
});

test("each JavaScript policy that the page shows runs, and the run uses its choices", async () => {
  const blocks = blocksOf(PAGE, "js");
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) {
    const name = block.match(/^\/\/ (\S+\.mjs):/)![1];
    const path = join(await temporaryFolder(), name);
    writeFileSync(path, block);
    const small = ["--memory", "512MiB", "--json"];
    const { exitCode, out, err } = await runCli("run", "traces/tiny", "--policy", path, ...small);
    expect([exitCode, err]).toEqual([0, ""]);
    const { run, tiers } = JSON.parse(out);
    expect(run.policy.evict.name).toBe(name.replace(".mjs", ""));
    expect(run.policy.zygote.name).toBe("none"); // from the base that it names, faascache
    expect(tiers.handler.evictions).toBeGreaterThan(0);
  }
});

test("the commands that the page shows for its example run", async () => {
  const commands = PAGE.match(/^npx socklab (.*largest-first.*)$/gm)!;
  expect(commands).toHaveLength(2);
  for (const command of commands) {
    const args = command.split(" ").slice(2);
    const { exitCode, err } = await runCli(...args);
    expect([command, exitCode, err]).toEqual([command, 0, ""]);
  }
});
