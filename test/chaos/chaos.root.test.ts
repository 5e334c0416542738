import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { RandomStreams } from "../../src/basics/random.js";
import { describeReal } from "../real/stand.js";
import { SLOWNESS } from "../slowness.js";
import { RUNS } from "./runs.js";
import { scheduleOf } from "./schedule.js";
import { SETTINGS } from "./settings.js";
import { leaks } from "./soak.js";

const MAIN = new URL("main.ts", import.meta.url).pathname;
const FAULTS = [...RUNS.keys()];
/** With this seed every fault of one pass meets a setting in which it can act. */
const SEED = 1;

/** Performs `npm run chaos` with these options in a new process. */
async function chaos(...args: readonly string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exitCode, out, err };
}

/** Cells of the rows of a Markdown table, without its head. */
function rowsOf(table: string): string[][] {
  return table
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2)
    .map((line) => line.slice(2, -2).split(" | "));
}

describeReal("two minutes of every fault on a real worker", () => {
  test(
    "each request has one outcome with its own token, and nothing is left behind",
    async () => {
      const { exitCode, out, err } = await chaos("--minutes", "2", "--seed", String(SEED));
      expect(exitCode, `${out}\n${err}`).toBe(0);
      const rows = rowsOf(out);
      expect(rows.map(([fault]) => fault)).toEqual(FAULTS);
      for (const [fault, setting, rounds, acts, requests, statuses, , ...faulty] of rows) {
        expect([fault, setting, rounds]).toEqual([fault, setting, "1"]);
        expect(acts, `acts of ${fault}, ${setting}`).not.toBe("0");
        expect(Number(requests.replaceAll(",", "")), fault).toBeGreaterThan(20);
        expect(statuses, fault).toMatch(/\d x 200/);
        // columns unanswered, doubled, wrong token, left over, problems
        expect(faulty, fault).toEqual(["0", "0", "0", "0", "0"]);
      }
    },
    1_200_000 * SLOWNESS,
  );
});

test("options without a meaning are refused with exit code 2 and one line", async () => {
  for (const [args, said] of [
    [["--minutes", "0"], '--minutes: "0"'],
    [["--minutes", "many"], '--minutes: "many"'],
    [["--seed", "-1"], "--seed"],
    [["--only", "soak,flood"], '--only: "flood" is not a fault, expected some of soak, '],
    [["--fast"], "--fast"],
  ] as const) {
    const { exitCode, err } = await chaos(...args);
    expect([exitCode, err]).toEqual([2, expect.stringContaining(said)]);
    expect(err.trim().split("\n")).toHaveLength(1);
  }
});

test("a run of 18 minutes or more combines each fault with each setting once", () => {
  // one pass per 2 minutes, and at most one pass per setting: 18 / 2 = 9
  expect(SETTINGS).toHaveLength(9);
  for (const minutes of [18, 60]) {
    const rounds = scheduleOf(FAULTS, minutes, new RandomStreams(7));
    const pairs = new Set(rounds.map(({ fault, setting }) => `${fault}/${setting.name}`));
    expect([rounds.length, pairs.size]).toEqual([FAULTS.length * 9, FAULTS.length * 9]);
  }
});

test("only the seed decides which setting a fault meets", () => {
  const settings = (seed: number) =>
    scheduleOf(FAULTS, 2, new RandomStreams(seed)).map(({ setting }) => setting.name);
  expect(settings(3)).toEqual(settings(3));
  expect(settings(3)).not.toEqual(settings(4));
});

test("one lost descriptor per cycle is a leak, but a pool that grows by some slots is not", () => {
  const before = {
    ...{ processes: 6, cgroupFolders: 86, descriptors: 185, mounts: 0, threads: 11 },
    rssBytes: 120 << 20,
  };
  expect(leaks(before, { ...before, cgroupFolders: 126, descriptors: 255 })).toEqual([]);
  const lost = { ...before, descriptors: before.descriptors + 1_000, mounts: 1 };
  expect(leaks(before, lost)).toEqual([
    "leak: descriptors grew from 185 to 1185 between idle moments",
    "leak: mounts grew from 0 to 1 between idle moments",
  ]);
});
