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

/** Generous limit on a whole part, because the machine may be busy. */
const PART_MS = 1_200_000 * SLOWNESS;
/** The folder, below the root, in which a worker keeps its state by default. */
const DEFAULT_STATE = "run/socklab";
const WORKER_READY_MS = 120_000 * SLOWNESS;

const README = readFileSync("README.md", "utf8");

let clone: string;
beforeAll(() => {
  clone = copyClone();
}, PART_MS);
afterAll(() => rm(dirname(clone), { recursive: true, force: true }), PART_MS);

/** The text before the first part, whose commands install and build. */
const SETUP = sectionOf(README, "## Three quick starts").split("\n### ")[0];

test(
  "on a fresh clone the first quick start prints the output and the digest that README shows",
  async () => {
    await performAll(SETUP);
    await performAll(sectionOf(README, "### 1. Run a trace"));
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
  "the policy that README shows runs and prints the output that README shows",
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
      // all processes of the worker have ended, because its standard output is closed
      await worker!.ended;
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

/** The first thing that the third part needs and this machine lacks. */
function whatIsMissing(): string | undefined {
  if (!isRoot) return "not root";
  if (installer === undefined) return "no python3 with pip";
  const programs = ["g++", "make", "curl", "unshare", "nsenter", "ip"];
  return programs.find((program) => spawnSync("which", [program]).status !== 0);
}
