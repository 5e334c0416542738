import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MachineError } from "../basics/errors.js";
import { endProcess } from "./host/end-process.js";
import { cgroupMountPoints, isMountPoint, mountPointsBelow } from "./host/mount-points.js";
import { removeFolder } from "./host/remove-folder.js";
import { runProgram } from "./host/run-program.js";
import { cgroupNameOf, installersOf } from "./sandboxes/cgroups/names.js";
import {
  dropLock,
  type InstanceLock,
  readLock,
  refuseTaken,
  type StateLayout,
} from "./state/instance.js";

/** What a dead instance left behind. */
export interface Leftovers {
  readonly instance: string;
  readonly processes: number;
  readonly mounts: number;
  readonly cgroups: number;
}

/**
 * The longest wait for killed processes to be gone is 5 s: an exit takes longer the more memory it
 * frees.
 */
const ATTEMPTS = 500;
const ATTEMPT_MS = 10;
const UNMOUNT_TIMEOUT_US = 20_000_000;

/**
 * Removes what a killed instance left: its processes, mounts, cgroups, containers' folders and
 * lock. Packages and functions stay. undefined: the folder has no owner.
 *
 * Errors: InputError if the owner is alive; MachineError if something cannot be removed.
 */
export async function cleanUp(layout: StateLayout): Promise<Leftovers | undefined> {
  refuseTaken(layout);
  const owner = readLock(layout);
  if (owner === undefined) return undefined;
  const leftovers = await clearLeftovers(layout, owner.instance);
  dropLock(layout, owner);
  return leftovers;
}

/**
 * Does what `cleanUp` does for an instance that stops in order: removes whatever the instance has
 * not removed itself, then its lock.
 */
export async function releaseState(layout: StateLayout, owner: InstanceLock): Promise<Leftovers> {
  const leftovers = await clearLeftovers(layout, owner.instance);
  dropLock(layout, owner);
  return leftovers;
}

/**
 * Ends the processes of an instance, and removes its mounts, its cgroups and its containers'
 * folder. Its mounts are those below that folder. Anything that is mounted at the folder or
 * elsewhere in the state folder belongs to the administrator and stays. Errors: MachineError, also
 * if the folder itself is such a mount.
 */
export async function clearLeftovers(layout: StateLayout, instance: string): Promise<Leftovers> {
  const names = [instance, installersOf(instance)].map(cgroupNameOf);
  const cgroups = names.flatMap(cgroupsNamed);
  const processes = await killAll(layout, cgroups);
  const mounts = await unmountAll(layout.containers);
  for (const path of cgroups) await removeCgroup(path);
  await removeFolder(layout.containers);
  return { instance, processes, mounts, cgroups: cgroups.length };
}

/**
 * Removes the cgroups of a name, in every hierarchy, with all cgroups below them. No process may be
 * in them.
 */
export async function removeCgroups(name: string): Promise<void> {
  for (const path of cgroupsNamed(name)) await removeCgroup(path);
}

/** Paths of the cgroups of a name, in every hierarchy, children before parents. */
function cgroupsNamed(name: string): string[] {
  return cgroupMountPoints()
    .map((path) => join(path, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => [...childrenOf(path), path]);
}

function childrenOf(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name))
    .flatMap((child) => [...childrenOf(child), child]);
}

/** Returns how many processes it killed. */
async function killAll(layout: StateLayout, cgroups: readonly string[]): Promise<number> {
  const killed = new Set<number>();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = [...processesIn(cgroups), ...processesBelow(layout.staging)];
    if (found.length === 0) return killed.size;
    for (const pid of found) {
      killed.add(pid);
      endProcess(pid);
    }
    for (const path of cgroups) thaw(path);
    await sleep(ATTEMPT_MS);
  }
  throw new MachineError(`processes of a dead instance do not go away: ${[...killed].join(", ")}`);
}

/** The kernel lists a process that this one cannot see as 0. */
function processesIn(cgroups: readonly string[]): number[] {
  return cgroups
    .flatMap((path) => readFileSync(join(path, "cgroup.procs"), "utf8").split("\n"))
    .map(Number)
    .filter((pid) => pid > 0);
}

/**
 * Processes whose working folder is in the staging folder: an installer that is only a user of the
 * machine is in no cgroup of the instance.
 */
function processesBelow(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      const path = workingFolderOf(name);
      return path !== undefined && (path === folder || path.startsWith(`${folder}/`));
    })
    .map(Number);
}

function workingFolderOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // it is gone, a zombie, or another user's process
  }
}

/**
 * A process that v1's freezer has frozen dies only when it is thawed. By then it has been killed.
 */
function thaw(cgroup: string): void {
  const state = join(cgroup, "freezer.state");
  if (existsSync(state)) writeFileSync(state, "THAWED");
}

/**
 * Unmounts everything below a folder, and returns how many mounts there were. It unmounts lazily,
 * since a mount that is in use cannot be taken down at once. A mount on the folder itself stays,
 * and then everything below it stays too.
 */
export async function unmountAll(root: string): Promise<number> {
  if (isMountPoint(root)) return 0;
  const mounts = mountPointsBelow(root);
  for (const path of mounts) {
    const options = { cwd: "/", env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } };
    const { exitCode, err } = await runProgram("umount", ["--lazy", "--", path], {
      ...options,
      timeoutUs: UNMOUNT_TIMEOUT_US,
    });
    if (exitCode !== 0) throw new MachineError(`${path}: cannot be unmounted: ${err.trim()}`);
  }
  // the folder is removed with everything below it, so nothing of the machine may still be mounted
  // there
  const left = mountPointsBelow(root);
  if (left.length > 0) throw new MachineError(`${left[0]}: is still mounted`);
  return mounts.length;
}

async function removeCgroup(path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      rmdirSync(path);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return;
      if (code !== "EBUSY" || attempt === ATTEMPTS) {
        throw new MachineError(`cgroup ${basename(path)} cannot be removed (${code}): ${path}`);
      }
      await clearChildren(path);
      await sleep(ATTEMPT_MS);
    }
  }
}

/** An instance that broke may have made further cgroups, and processes in them, until a moment ago. */
async function clearChildren(path: string): Promise<void> {
  for (const child of existsSync(path) ? childrenOf(path) : []) {
    for (const pid of processesIn([child])) endProcess(pid);
    thaw(child);
    await removeCgroup(child);
  }
}
