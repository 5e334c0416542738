import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { cgroupMountPoints, mountPointsBelow } from "../../src/real/host/mount-points.js";
import { cgroupNameOf } from "../../src/real/sandboxes/cgroups/names.js";
import { runCli } from "../cli/run-cli.js";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { temporaryState } from "../real/state-folder.js";
import { SLOWNESS, START_TIMEOUT_MS } from "../slowness.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const SMALL = [
  "run",
  "traces/tiny",
  "--backend",
  "real",
  "--functions",
  "4",
  "--run-times",
  "zero",
  "--memory",
  "1GiB",
];

describeReal("a trace on this machine", () => {
  testWithPip("a run's outcomes add up, its journal replays, and nothing is left", async () => {
    const { folder, layout } = await temporaryState();
    const journal = join(folder, "journal");
    // 72 invocations; 17 on a machine that is many times slower.
    const span =
      SLOWNESS > 1 ? ["--minutes", "1", "--speedup", "5"] : ["--minutes", "4", "--speedup", "20"];
    const cut = [...span, "--state", layout.root];
    const run = await runCli(...SMALL, ...cut, "--journal", journal, "--json");
    expect(run.exitCode, run.err).toBe(0);
    const { invocations, run: told } = JSON.parse(run.out);
    expect(told.backend).toBe("real");
    expect(invocations.completed).toBeGreaterThan(0);
    const { total, completed, failed, timedOut, rejected } = invocations;
    expect(completed + failed + timedOut + rejected).toBe(total);
    expect(existsSync(layout.root)).toBe(false);
    expect(mountPointsBelow(layout.root)).toEqual([]);
    const replay = await runCli("replay", journal);
    expect(replay.exitCode, replay.err).toBe(0);
  });

  testWithPip("SIGTERM in the middle of a run leaves nothing", async () => {
    const { layout } = await temporaryState();
    const code = 'import("./src/cli/main.ts").then((main) => main.start())';
    const argv = [...SMALL, "--minutes", "10", "--state", layout.root];
    const child = spawn(process.execPath, ["--import", "tsx", "-e", code, "socklab", ...argv], {
      cwd: ROOT,
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    await expect.poll(() => existsSync(layout.lock), { timeout: START_TIMEOUT_MS }).toBe(true);
    const { instance } = JSON.parse(readFileSync(layout.lock, "utf8"));
    const cgroups = cgroupMountPoints().map((path) => join(path, cgroupNameOf(instance)));
    const living = () => cgroups.filter((path) => existsSync(path));
    await expect.poll(living, { timeout: START_TIMEOUT_MS }).not.toEqual([]);
    child.kill("SIGTERM");
    expect(await ended).toBe("SIGTERM");
    expect(living()).toEqual([]);
    expect(existsSync(layout.root)).toBe(false);
  });
});
