import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { MachineError } from "../../../basics/errors.js";
import { cgroup2MountPoint } from "../../../real/host/mount-points.js";

/** A mount namespace; it lives as long as it is open. */
export interface MountNamespace {
  readonly fd: number;
  close(): void;
}

/**
 * A copy of our mount namespace in which cgroup v2 is not mounted, where v1 is mounted beside it:
 * crun refuses such a hybrid machine. undefined: there is nothing to hide.
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
    throw new MachineError(`${hidden} cannot be unmounted in a namespace of its own`);
  }
  const fd = openSync(`/proc/${child.pid}/ns/mnt`, "r");
  child.stdin.end();
  await ended;
  return { fd, close: () => closeSync(fd) };
}

/** Where cgroup v2 is mounted beside v1. */
function hybridMount(mountInfo: string): string | undefined {
  return mountInfo.includes(" - cgroup ") ? cgroup2MountPoint(mountInfo) : undefined;
}
