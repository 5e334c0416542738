import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { MachineError } from "../../../basics/errors.js";
import { cgroup2MountPoint } from "../../../real/host/mount-points.js";

/** A mount namespace. It exists until it is closed. */
export interface MountNamespace {
  readonly fd: number;
  close(): void;
}

/**
 * Makes a copy of our mount namespace without the mount of cgroup v2, if v1 is mounted too. crun
 * refuses to run if both are mounted. undefined: nothing needs to be hidden.
 */
export async function hideCgroup2(): Promise<MountNamespace | undefined> {
  const hidden = hybridMount(readFileSync("/proc/self/mountinfo", "utf8"));
  if (hidden === undefined) return undefined;
  const script = 'umount "$0" && echo hidden && exec cat';
  const child = spawn("unshare", ["--mount", "sh", "-c", script, hidden], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const word = await Promise.race([once(child.stdout, "data"), ended]);
  if (!String(word[0]).startsWith("hidden")) {
    throw new MachineError(`${hidden} cannot be unmounted in a new mount namespace`);
  }
  const fd = openSync(`/proc/${child.pid}/ns/mnt`, "r");
  child.stdin.end();
  await ended;
  return { fd, close: () => closeSync(fd) };
}

/** The mount point of cgroup v2 if v1 is mounted too. */
function hybridMount(mountInfo: string): string | undefined {
  return mountInfo.includes(" - cgroup ") ? cgroup2MountPoint(mountInfo) : undefined;
}
