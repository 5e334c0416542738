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

/** What a dead instance had left behind. */
export interface Leftovers {
  readonly instance: string;
  readonly processes: number;
  readonly mounts: number;
  readonly cgroups: number;
}

/** Longest wait for killed processes to be gone: 5 s, since exit takes 17 us a MB of memory. */
const ATTEMPTS = 500;
const ATTEMPT_MS = 10;
const UNMOUNT_TIMEOUT_US = 20_000_000;

/**
 * Clears away what an instance that was killed left: its processes, mounts, cgroups, containers'
 * folders and lock. Packages and functions stay. undefined: the folder has no owner.
 *
 * Errors: InputError where the owner lives; MachineError where something cannot be removed.
 */
export async function cleanUp(layout: StateLayout): Promise<Leftovers | undefined> {
  refuseTaken(layout);
  const owner = readLock(layout);
  if (owner === undefined) return undefined;
  const leftovers = await clearLeftovers(layout, owner.instance);
  dropLock(layout, owner);
  return leftovers;
}

/** The same for an instance that stops in order: what it has not removed itself goes, then its lock. */
export async function releaseState(layout: StateLayout, owner: InstanceLock): Promise<Leftovers> {
  const leftovers = await clearLeftovers(layout, owner.instance);
  dropLock(layout, owner);
  return leftovers;
}

/**
 * Ends the processes of an instance and removes its mounts, its cgroups and its containers' folder. Its
 * mounts are those below that folder; what is mounted at it or elsewhere in the state folder is the
 * administrator's and stays. Errors: MachineError, also where the folder itself is such a mount.
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

/** Removes the cgroups of a name, in every hierarchy, with all below; nobody may live in them. */
export async function removeCgroups(name: string): Promise<void> {
  for (const path of cgroupsNamed(name)) await removeCgroup(path);
}

/** In every hierarchy, children before parents. */
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

/** Returns how many there were. */
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

/** A process that this one cannot see is listed as 0. */
function processesIn(cgroups: readonly string[]): number[] {
  return cgroups
    .flatMap((path) => readFileSync(join(path, "cgroup.procs"), "utf8").split("\n"))
    .map(Number)
    .filter((pid) => pid > 0);
}

/** Processes that work in the staging folder: installers, which no cgroup holds. */
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
    return undefined; // gone, a zombie, or another user's
  }
}

/** A frozen process of v1 dies when it is thawed; by then its death is certain. */
function thaw(cgroup: string): void {
  const state = join(cgroup, "freezer.state");
  if (existsSync(state)) writeFileSync(state, "THAWED");
}

/**
 * Takes down all mounts below a folder, lazily, since what still uses one keeps it; how many there were.
 * What is mounted on the folder itself stays, and then so does all below it.
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
  // a folder is removed with all below it: nothing of the machine may still be mounted there
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
      await sleep(ATTEMPT_MS);
    }
  }
}
