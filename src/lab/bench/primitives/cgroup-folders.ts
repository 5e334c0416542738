import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cgroup2MountPoint } from "../../../real/host/mount-points.js";
import { clearLeftovers } from "../../../real/leftovers.js";
import { detectCgroups } from "../../../real/sandboxes/cgroups/layout.js";
import { cgroupNameOf } from "../../../real/sandboxes/cgroups/names.js";
import { newInstanceId, stateLayout } from "../../../real/state/instance.js";

/** Our folders in which cgroups may be made, one per hierarchy. */
export interface CgroupFolders {
  /** Folders of the cpu, memory and pids controllers, in v1 or v2. */
  readonly limiting: readonly string[];
  /** Folder of one of these controllers in v1, and that of the freezer in v1. */
  readonly v1: string | undefined;
  readonly v1Freezer: string | undefined;
  readonly v2: string | undefined;
  /** Whether any v1 cgroup of the machine was frozen at the start. */
  readonly isSomeFrozen: boolean;
  close(): Promise<void>;
}

const LIMITING = ["cpu", "memory", "pids"] as const;

/** Makes the folders. `folder` is the bench's own. */
export function openCgroupFolders(folder: string): CgroupFolders {
  const mountInfo = readFileSync("/proc/self/mountinfo", "utf8");
  const { v1, inV2 } = detectCgroups(mountInfo);
  const mountOf2 = cgroup2MountPoint(mountInfo);
  const instance = newInstanceId();
  const name = cgroupNameOf(instance);
  const made = (mountPoint: string | undefined) => {
    if (mountPoint === undefined) return undefined;
    mkdirSync(join(mountPoint, name), { recursive: true });
    return join(mountPoint, name);
  };
  const v2 = made(mountOf2);
  const handedDown = inV2.filter((each) => each !== "freezer").map((each) => `+${each}`);
  if (v2 !== undefined && handedDown.length > 0) {
    for (const path of [mountOf2!, v2]) {
      writeFileSync(join(path, "cgroup.subtree_control"), handedDown.join(" "));
    }
  }
  const limiting = LIMITING.map((each) => made(v1.get(each)) ?? v2);
  const freezer = v1.get("freezer");
  return {
    limiting: [...new Set(limiting.filter((path) => path !== undefined))],
    v1: made(v1.get("cpu") ?? v1.get("memory") ?? v1.get("pids")),
    v1Freezer: made(freezer),
    v2,
    isSomeFrozen: freezer !== undefined && isFrozenBelow(freezer),
    close: async () => {
      await clearLeftovers(stateLayout(folder), instance);
    },
  };
}

function isFrozenBelow(folder: string): boolean {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .some((path) => stateOf(path) === "FROZEN" || isFrozenBelow(path));
}

/** The state of a freezer; undefined: the cgroup has just been removed. */
function stateOf(cgroup: string): string | undefined {
  try {
    return readFileSync(join(cgroup, "freezer.state"), "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}
