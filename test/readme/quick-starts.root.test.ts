import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readLock, stateLayout } from "../../src/real/state/instance.js";
import { installer, isRoot } from "../real/needs.js";
import { SLOWNESS } from "../slowness.js";
import { remainsOf } from "../worker/worker-process.js";
import { blocksOf, commandsOf, patternOf, sectionOf } from "./console-blocks.js";
import { copyClone, perform, type Running, start } from "./fresh-clone.js";
import { type Apart, keepApart } from "./keep-apart.js";

/** For a whole part; a machine may be busy, and nothing here measures it. */
const PART_MS = 1_200_000 * SLOWNESS;
/** Where a worker keeps what it has unless --state names another folder. */
const DEFAULT_STATE = "run/socklab";
const WORKER_READY_MS = 120_000 * SLOWNESS;

const README = readFileSync("README.md", "utf8");

let clone: string;
beforeAll(() => {
  clone = copyClone();
}, PART_MS);
afterAll(() => rm(dirname(clone), { recursive: true, force: true }), PART_MS);

/** What stands before the first part installs and builds. */
const SETUP = sectionOf(README, "## Three quick starts").split("\n### ")[0];

test(
  "on a fresh clone the first quick start prints what README says, with its digest",
  async () => {
    await performAll(SETUP);
    await performAll(sectionOf(README, "### 1. Replay a trace"));
  },
  PART_MS,
);

test(
  "the second quick start prints the table that README shows, and draws a page",
  async () => {
    await performAll(sectionOf(README, "### 2. Compare policies"));
    expect(readFileSync(join(clone, "study.html"), "utf8")).toContain("<svg");
  },
  PART_MS,
);

test(
  "the policy that README shows runs as README says",
  async () => {
    const section = sectionOf(README, "## A policy in a few lines");
    const [policy] = blocksOf(section, "js");
    const name = policy.match(/^\/\/ (\S+\.mjs):/)![1];
    writeFileSync(join(clone, name), policy);
    await performAll(section);
  },
  PART_MS,
);

const missing = whatIsMissing();
test.skipIf(missing !== undefined)(
  `the third quick start serves a function on this machine${missing === undefined ? "" : ` [skipped: ${missing}]`}`,
  async () => {
    const commands = commandsOf(sectionOf(README, "### 3. Serve functions for real"));
    const apart = await keepApart();
    let worker: Running | undefined;
    try {
      for (const command of commands) {
        if (command.text.includes("socklab worker")) {
          worker = await startWorker(command, apart);
        } else if (command.text.startsWith("curl")) await perform(command, clone, apart.inside);
        else await perform(command, clone);
      }
      const state = join(apart.root, DEFAULT_STATE);
      const { instance } = readLock(stateLayout(state))!;
      worker!.stop("SIGINT"); // Ctrl-C
      await worker!.ended; // all its processes: they hold its standard output
      expect(remainsOf(instance, state)).toEqual([]);
      expect(existsSync(state)).toBe(false);
    } finally {
      await apart.end();
    }
  },
  PART_MS,
);

async function performAll(section: string): Promise<void> {
  const commands = commandsOf(section);
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) await perform(command, clone);
}

async function startWorker(
  { text, output }: { readonly text: string; readonly output: readonly string[] },
  { inside }: Apart,
): Promise<Running> {
  const worker = start(text, clone, inside);
  await expect
    .poll(worker.printed, { timeout: WORKER_READY_MS, interval: 100 })
    .toMatch(patternOf(output));
  return worker;
}

/** The first of what the third part needs that this machine lacks. */
function whatIsMissing(): string | undefined {
  if (!isRoot) return "not root";
  if (installer === undefined) return "no python3 with pip";
  const programs = ["g++", "make", "curl", "unshare", "nsenter", "ip"];
  return programs.find((program) => spawnSync("which", [program]).status !== 0);
}
