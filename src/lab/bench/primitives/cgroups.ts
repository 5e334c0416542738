import type { Case } from "../../../results/measurements.js";
import type { PrimitiveCase } from "./cell.js";
import type { CgroupFolders } from "./cgroup-folders.js";

const SAMPLES = 120;
const FREEZE_SAMPLES = 200;
const GAP_US = 30_000;
const NO_V1 = "cgroup v1 is not mounted on this machine";
const NO_V2 = "cgroup v2 is not mounted on this machine";

export const APART = "30 ms apart";
/** Steps back to back, and steps as far apart as requests to a machine that is not busy. */
const SPACINGS = [
  ["back to back", 0],
  [APART, GAP_US],
] as const;

export const GROUPS = "join a cgroup and leave it";
export const NEW_GROUP = "made and removed";
export const REUSED_GROUP = "used again";

/** A process joins a cgroup in every hierarchy: one that was just made, or one that is reused. */
export function groupCells({ limiting }: CgroupFolders): readonly PrimitiveCase[] {
  const join = "a process joins one in each of the cpu, memory and pids hierarchies, and leaves it";
  const kinds = [
    ["cgroup-new", NEW_GROUP, `made with limits; ${join}; removed`],
    ["cgroup-reused", REUSED_GROUP, `${join}, through open files`],
  ] as const;
  return SPACINGS.flatMap(([spacing, gapUs]) =>
    kinds.map(([step, contender, does]) =>
      cell(step, { contender, does, metric: `${GROUPS}, ${spacing}`, unit: "us" }, limiting, gapUs),
    ),
  );
}

export const JOINS = "child in its cgroup, reaped";
export const BORN_INTO = "clone3 into a v2 cgroup";
export const MANAGER_V2 = "manager writes v2 cgroup.procs";
export const CHILD_V1 = "child writes v1 tasks";
export const MANAGER_V1 = "manager writes v1 cgroup.procs";

/** The ways to put a new process into one cgroup. */
export function joinCells({ v1, v2 }: CgroupFolders): readonly PrimitiveCase[] {
  const kinds = [
    ["born-into", BORN_INTO, "clone3 with CLONE_INTO_CGROUP", v2, NO_V2],
    ["manager-writes", MANAGER_V2, "clone3, then the parent writes the child's id", v2, NO_V2],
    ["child-writes", CHILD_V1, "clone3, then the child writes 0", v1, NO_V1],
    ["manager-writes", MANAGER_V1, "clone3, then the parent writes the child's id", v1, NO_V1],
  ] as const;
  return SPACINGS.flatMap(([spacing, gapUs]) =>
    kinds.map(([step, contender, how, folder, absent]) => {
      const does = `${how}; the parent lets the child end, and reaps it`;
      const of: Case = { contender, does, metric: `${JOINS}, ${spacing}`, unit: "us" };
      return cell(step, of, folder === undefined ? absent : [folder], gapUs);
    }),
  );
}

/**
 * Pause and resume with each freezer. While one empty v1 cgroup stays frozen, the kernel keeps its
 * freezer code switched on.
 */
export function freezeCells({ v1Freezer, v2 }: CgroupFolders): readonly PrimitiveCase[] {
  const steps = [
    ["pause", "pause a container", "a write tells its freezer to freeze: until the write returns"],
    [
      "resume",
      "resume a container, until it answers",
      "a request is sent to the frozen process, and a write tells its freezer to thaw: until the answer",
    ],
  ] as const;
  const kinds = [
    ["v1 freezer, one cgroup kept frozen", v1Freezer, 1, NO_V1],
    ["v1 freezer", v1Freezer, 0, NO_V1],
    ["v2 cgroup.freeze", v2, 0, NO_V2],
  ] as const;
  return steps.flatMap(([step, metric, does]) =>
    kinds.map(([contender, folder, guard, absent]): PrimitiveCase => {
      const of: Case = { contender, does, metric, unit: "us" };
      const base = cell(step, of, folder === undefined ? absent : [folder], 0);
      return { ...base, samples: FREEZE_SAMPLES, options: { ...base.options, guard } };
    }),
  );
}

/** A cell over cgroup folders. If there are no folders, `folders` is the reason as text. */
function cell(
  step: string,
  time: Case,
  folders: readonly string[] | string,
  gapUs: number,
): PrimitiveCase {
  const isAbsent = typeof folders === "string";
  const hierarchies = isAbsent ? "" : folders.join(",");
  const base = { step, options: { hierarchies, gapUs }, samples: SAMPLES, time };
  return isAbsent ? { ...base, absent: folders } : base;
}
