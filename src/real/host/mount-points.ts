import { readFileSync, realpathSync } from "node:fs";

/** Mount points in a text of /proc/<pid>/mountinfo (proc(5)), in the order of mounting. */
export function mountPointsIn(mountInfo: string): readonly string[] {
  return mountInfo
    .split("\n")
    .filter((line) => line !== "")
    .map((line) =>
      line
        .split(" ")[4]
        .replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8))),
    );
}

/**
 * The mount points at or below a folder that this process sees, the last mounted first. Empty if
 * the folder does not exist.
 */
export function mountPointsBelow(folder: string): readonly string[] {
  const real = realPathOf(folder);
  return mountPointsIn(readFileSync("/proc/self/mountinfo", "utf8"))
    .filter((path) => real !== undefined && (path === real || path.startsWith(`${real}/`)))
    .reverse();
}

/** True if something is mounted on the folder itself, whatever is mounted below it. */
export function isMountPoint(folder: string): boolean {
  return mountPointsBelow(folder).includes(realPathOf(folder)!);
}

/** The path as the kernel lists it, without symbolic links; undefined: it does not exist. */
function realPathOf(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

/** Folders where cgroup hierarchies, of v1 and v2, are mounted. */
export function cgroupMountPoints(): readonly string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return mountPointsIn(lines.filter((line) => / - cgroup2? /.test(line)).join("\n"));
}

/**
 * The mount point of cgroup v2 in a text of /proc/<pid>/mountinfo; undefined: it is not mounted.
 */
export function cgroup2MountPoint(mountInfo: string): string | undefined {
  const lines = mountInfo.split("\n").filter((line) => line.includes(" - cgroup2 "));
  return mountPointsIn(lines.join("\n"))[0];
}
