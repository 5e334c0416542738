import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { Catalogue } from "../../src/contract/workload.js";
import { cgroupMountPoints, mountPointsBelow } from "../../src/real/host/mount-points.js";
import { writeWheels } from "../../src/real/made-up/wheels.js";
import { cgroupNameOf } from "../../src/real/sandboxes/cgroups/names.js";
import { makePackage } from "../engine/harness.js";
import { temporaryState } from "../real/state-folder.js";
import { START_TIMEOUT_MS } from "../slowness.js";

const PACKAGE = makePackage({ name: "alpha", diskBytes: 20_000, importUs: 20_000 });
export const CATALOGUE: Catalogue = {
  source: "test",
  packages: [PACKAGE, { ...PACKAGE, name: "beta", dependencies: [0] }],
};
const ROOT = new URL("../..", import.meta.url).pathname;

/**
 * Starts a worker in a new process, as a user does. It stops in order when the test ends.
 * `sabotage` is code that runs in the process before the command line is read.
 */
export function spawnWorker(state: string, wheels: string, more: readonly string[], sabotage = "") {
  const code = `(async () => { ${sabotage}; (await import("./src/cli/main.ts")).start(); })()`;
  const options = ["--port", "0", "--state", state, "--index", wheels, ...more];
  const worker = spawn(
    process.execPath,
    ["--import", "tsx", "-e", code, "socklab", "worker", ...options],
    { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] },
  );
  onTestFinished(async () => {
    await kill(worker, "SIGTERM");
  });
  let said = "";
  worker.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return { worker, said: () => said };
}

export function startWorker(state: string, wheels: string, ...more: readonly string[]) {
  return startSabotaged("", state, wheels, ...more);
}

export async function startSabotaged(
  sabotage: string,
  state: string,
  wheels: string,
  ...more: readonly string[]
) {
  const { worker, said } = spawnWorker(state, wheels, more, sabotage);
  const listensOrEnded = () => said().includes("listening on ") || hasEnded(worker);
  await expect.poll(listensOrEnded, { timeout: START_TIMEOUT_MS }).toBe(true);
  expect(said()).toContain("listening on ");
  const address = /listening on (\S+)/.exec(said())![1];
  const ask = async (method: string, path: string, body?: string | Buffer<ArrayBuffer>) => {
    const init = body === undefined ? { method } : { method, body };
    const response = await fetch(`${address}${path}`, init);
    const start = response.headers.get("x-socklab-start");
    return { status: response.status, text: await response.text(), start };
  };
  const lock = JSON.parse(readFileSync(join(state, "lock"), "utf8"));
  return { worker, address, ask, instance: lock.instance as string, said };
}

export async function kill(
  worker: ChildProcess,
  signal: NodeJS.Signals = "SIGKILL",
): Promise<number | null> {
  if (hasEnded(worker)) return worker.exitCode;
  const exited = new Promise<number | null>((resolve) => worker.once("exit", resolve));
  worker.kill(signal);
  return exited;
}

export function hasEnded(worker: ChildProcess): boolean {
  return worker.exitCode !== null || worker.signalCode !== null;
}

/** Cgroups and mounts that an instance has on the machine. */
export function remainsOf(instance: string, state: string): readonly string[] {
  const cgroups = cgroupMountPoints().map((path) => join(path, cgroupNameOf(instance)));
  return [...cgroups.filter((path) => existsSync(path)), ...mountPointsBelow(state)];
}

/** Ids of the processes in an instance's cgroups. */
export function processesOf(instance: string): readonly string[] {
  const parents = cgroupMountPoints().map((path) => join(path, cgroupNameOf(instance)));
  const pids = parents
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap(({ name }) => readFileSync(join(path, name, "cgroup.procs"), "utf8").split("\n")),
    );
  return [...new Set(pids.filter((pid) => pid !== "" && pid !== "0"))];
}

export async function wheelsFolder(): Promise<{ state: string; wheels: string }> {
  const { folder, layout } = await temporaryState();
  const wheels = join(folder, "wheels");
  await writeWheels(wheels, CATALOGUE);
  return { state: layout.root, wheels };
}
