import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanUp } from "../../src/real/leftovers.js";
import { stateLayout } from "../../src/real/state/instance.js";
import { describeReal, leftovers } from "./stand.js";

const DOOMED = new URL("doomed.ts", import.meta.url).pathname;

/** Starts the worker. Resolves with its process and the ids of the processes that it made. */
async function startDoomed(folder: string) {
  const worker = spawn(process.execPath, ["--import", "tsx", DOOMED, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  worker.stdout.on("data", (chunk) => {
    text += chunk;
  });
  while (!text.includes("\n")) {
    await Promise.race([
      new Promise((resolve) => worker.stdout.once("data", resolve)),
      new Promise((_, reject) => worker.once("exit", () => reject(new Error("ended early")))),
    ]);
  }
  return { worker, pids: JSON.parse(text) as number[] };
}

/**
 * Whether a process runs. One that has ended may stay a zombie of the process that inherited it.
 */
function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

describeReal("a worker that was killed", () => {
  test("takes its processes along, and the next start removes what stays", async () => {
    const folder = mkdtempSync(join(tmpdir(), "socklab-crash-"));
    const { worker, pids } = await startDoomed(folder);
    expect(pids.map(isRunning)).toEqual([true, true, true, true]);
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    worker.kill("SIGKILL");
    await ended;
    // all except the paused one: v1's freezer keeps it from dying until the next start thaws it
    const [zygote, fresh, , running] = pids as [number, number, number, number];
    await expect.poll(() => [zygote, fresh, running].map(isRunning)).toEqual([false, false, false]);
    const remains = await cleanUp(stateLayout(folder));
    expect(remains!.cgroups).toBeGreaterThan(0);
    expect(pids.map(isRunning)).toEqual([false, false, false, false]);
    expect(leftovers(folder, worker.pid)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
