import { type ChildProcess, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cgroupMountPoints, mountPointsIn } from "../../src/real/host/mount-points.js";
import { cleanUp, releaseState } from "../../src/real/leftovers.js";
import { cgroupNameOf } from "../../src/real/sandboxes/cgroups/names.js";
import { newInstanceId, readLock, takeState } from "../../src/real/state/instance.js";
import { isAlive, ownIdentity } from "../../src/real/state/process-identity.js";
import { begin, deadOwner } from "./dead-owner.js";
import { testAsRoot } from "./needs.js";
import { temporaryState } from "./state-folder.js";

test("the time of its start distinguishes a process from a later one of the same id", () => {
  const own = ownIdentity();
  expect(isAlive(own)).toBe(true);
  expect(isAlive({ ...own, startTicks: own.startTicks - 1 })).toBe(false);
  expect(newInstanceId()).not.toBe(newInstanceId());
});

test("a folder whose owner lives is refused, and keeps its lock", async () => {
  const { layout } = await temporaryState();
  const instance = newInstanceId();
  takeState(layout, instance);
  await expect(cleanUp(layout)).rejects.toThrow(`in use by process ${process.pid}`);
  expect(() => takeState(layout, newInstanceId())).toThrow("in use by process");
  expect(readLock(layout)?.instance).toBe(instance);
});

test("a folder without an owner has no leftovers; a dead owner's folder must be cleaned up before it is taken", async () => {
  const { layout } = await temporaryState();
  expect(await cleanUp(layout)).toBeUndefined();
  const instance = await deadOwner(layout);
  expect(() => takeState(layout, newInstanceId())).toThrow("must be cleaned up first");
  expect(await cleanUp(layout)).toEqual({ instance, processes: 0, mounts: 0, cgroups: 0 });
  takeState(layout, newInstanceId());
});

test("a file that is not a lock is reported, not removed", async () => {
  const { layout } = await temporaryState();
  mkdirSync(layout.root);
  writeFileSync(layout.lock, "mine");
  await expect(cleanUp(layout)).rejects.toThrow("not a lock of socklab");
  expect(readFileSync(layout.lock, "utf8")).toBe("mine");
});

test("an installer that outlived its worker is killed; packages and functions stay", async () => {
  const { layout } = await temporaryState();
  const instance = await deadOwner(layout);
  for (const path of [layout.packages, layout.functions, layout.staging, layout.containers]) {
    mkdirSync(path);
    writeFileSync(join(path, "file"), "");
  }
  const installer = begin("sleep", ["60"], layout.staging);
  expect(await cleanUp(layout)).toEqual({ instance, processes: 1, mounts: 0, cgroups: 0 });
  expect(installer.signalCode ?? (await ended(installer))).toBe("SIGKILL");
  expect(readdirSync(layout.root).sort()).toEqual(["functions", "packages", "staging"]);
});

function ended(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
}

testAsRoot(
  "a dead instance's frozen processes, mounts and cgroups go, and those of others stay",
  async () => {
    const { layout } = await temporaryState();
    const instance = await deadOwner(layout);
    const hierarchy = cgroupMountPoints().find((path) => isUsable(path))!;
    const parent = join(hierarchy, cgroupNameOf(instance));
    const child = join(parent, "c0");
    mkdirSync(child, { recursive: true });
    const guest = begin("sleep", ["60"]);
    const bystander = begin("sleep", ["60"]);
    writeFileSync(join(child, "cgroup.procs"), String(guest.pid));
    freeze(child);
    const root = join(layout.containers, "a b", "root");
    mkdirSync(root, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "none", root]);
    execFileSync("mount", ["--bind", "/usr/lib", join(root)]);
    expect(await cleanUp(layout)).toEqual({ instance, processes: 1, mounts: 2, cgroups: 2 });
    expect(guest.signalCode ?? (await ended(guest))).toBe("SIGKILL");
    expect(bystander.signalCode).toBeNull();
    expect([existsSync(parent), existsSync(layout.containers), existsSync("/usr/lib")]).toEqual([
      false,
      false,
      true,
    ]);
    expect(readLock(layout)).toBeUndefined();
  },
);

/** Whether the test can use this mount point: a v1 freezer, or a v2 hierarchy. */
function isUsable(path: string): boolean {
  return path.endsWith("/freezer") || existsSync(join(path, "cgroup.controllers"));
}

function freeze(cgroup: string): void {
  const isV1 = existsSync(join(cgroup, "freezer.state"));
  writeFileSync(join(cgroup, isV1 ? "freezer.state" : "cgroup.freeze"), isV1 ? "FROZEN" : "1");
}

test("an orderly stop leaves the folder to the next owner", async () => {
  const { layout } = await temporaryState();
  takeState(layout, newInstanceId());
  await releaseState(layout, readLock(layout)!);
  expect(existsSync(layout.lock)).toBe(false);
  takeState(layout, newInstanceId());
});

test("mount points with blanks are read without their escapes", () => {
  const line = "36 35 98:0 / /mnt/a\\040b\\134c rw,noatime - ext3 /dev/root rw";
  expect(mountPointsIn(`${line}\n`)).toEqual(["/mnt/a b\\c"]);
});
