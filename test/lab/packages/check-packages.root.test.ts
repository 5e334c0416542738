import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeWheels } from "../../../src/real/made-up/wheels.js";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";
import { testWithPip } from "../../real/needs.js";
import { describeReal, leftovers } from "../../real/stand.js";
import { temporaryState } from "../../real/state-folder.js";
import { CATALOGUE } from "../../worker/worker-process.js";

/** Checks sets of made-up packages; the table in Markdown comes back too. */
async function check(...sets: readonly { requirements: readonly string[]; body: string }[]) {
  const { folder } = await temporaryState();
  const wheels = join(folder, "wheels");
  await writeWheels(wheels, CATALOGUE);
  const named = sets.map((set, at) => ({ name: `set${at}`, ...set }));
  const [list, table, state] = ["sets.json", "table.md", "state"].map((name) => join(folder, name));
  writeFileSync(list, JSON.stringify(named));
  const options = ["--index", wheels, "--state", state, "-o", table];
  const run = await runCli("packages", "check", list, ...options);
  expect(existsSync(state)).toBe(false);
  expect(leftovers(state)).toEqual([]);
  return { ...run, table: await readFile(table, "utf8") };
}

describeReal("packages check", () => {
  testWithPip(
    "a set that answers as in plain Python is the same in all six ways, and exit is 0",
    async () => {
      const { exitCode, out, table } = await check({
        requirements: ["beta"], // not pinned, and beta depends on alpha
        body: "import pkg_beta, os; return [pkg_beta.__name__, os.getcwd() != '/', os.urandom(4).hex()]",
      });
      expect([exitCode, out]).toEqual([0, expect.stringContaining("1 of 1 sets")]);
      expect(table).toMatch(/\| set0 \| 2 \| same \| same \| same \| same \| same \| same \|/);
    },
  );

  testWithPip(
    "warm and resumed answers are compared with the second call of a plain process",
    async () => {
      const count = "open('/tmp/n','a').write('x'); return len(open('/tmp/n').read())";
      const { exitCode, table } = await check({ requirements: ["alpha==1.0"], body: count });
      expect([exitCode, table]).toEqual([0, expect.stringContaining("| set0 | 1 |")]);
    },
  );

  testWithPip("an answer that differs is named with its reason, and exit is 1", async () => {
    const { exitCode, out } = await check({
      requirements: ["alpha==1.0"],
      body: "import os; return os.path.exists('/guest')",
    });
    expect(exitCode).toBe(1);
    expect(out).toContain("true, plain Python: false");
  });

  testWithPip(
    "a set that neither can install is the same, with the installer's reason",
    async () => {
      const { exitCode, out } = await check({ requirements: ["gamma"], body: "return 1" });
      expect([exitCode, out]).toEqual([0, expect.stringContaining("cannot install it either")]);
    },
  );
});

test("a list that is not one is refused with file and place", async () => {
  const folder = await temporaryFolder();
  const list = join(folder, "sets.json");
  const cases = [
    ["{", "is not JSON"],
    ['[{"name": "a", "requirements": "six", "body": ""}]', "0.requirements"],
    ['[{"name": "a b", "requirements": [], "body": ""}]', "0.name"],
    ["[]", "expected an array"],
  ];
  for (const [text, reason] of cases) {
    writeFileSync(list, text);
    const { exitCode, err } = await runCli("packages", "check", list);
    expect([exitCode, err], text).toEqual([2, expect.stringContaining(reason)]);
  }
});

test("a state folder that exists is refused, since it would be removed", async () => {
  const folder = await temporaryFolder();
  const list = join(folder, "sets.json");
  writeFileSync(list, '[{"name": "a", "requirements": [], "body": "return 1"}]');
  mkdirSync(join(folder, "mine"));
  onTestFinished(() => expect(existsSync(join(folder, "mine"))).toBe(true));
  const { exitCode, err } = await runCli(
    "packages",
    "check",
    list,
    "--state",
    join(folder, "mine"),
  );
  expect([exitCode, err]).toEqual([expect.any(Number), expect.stringContaining("--state")]);
  expect(exitCode).not.toBe(0);
});
