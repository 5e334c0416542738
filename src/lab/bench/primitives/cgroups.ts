import type { Case } from "../../../results/measurements.js";
import type { PrimitiveCase } from "./cell.js";
import type { CgroupFolders } from "./cgroup-folders.js";

const SAMPLES = 120;
const FREEZE_SAMPLES = 200;
const GAP_US = 30_000;
const NO_V1 = "cgroup v1 is not mounted on this machine";
const NO_V2 = "cgroup v2 is not mounted on this machine";

export const APART = "30 ms apart";
/** Back to back, and as requests come to a machine that is not busy. */
const SPACINGS = [
  ["back to back", 0],
  [APART, GAP_US],
] as const;

export const GROUPS = "join a cgroup and leave it";
export const NEW_GROUP = "made and removed";
export const REUSED_GROUP = "used again";

/** A cgroup of one's own in every hierarchy, made for the purpose or used again. */
export function groupCells({ limiting }: CgroupFolders): readonly PrimitiveCase[] {
  const join = "a process joins one in each of the cpu, memory and pids hierarchies and leaves it";
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

/** The ways of a new process into one cgroup. */
export function joinCells({ v1, v2 }: CgroupFolders): readonly PrimitiveCase[] {
  const kinds = [
    ["born-into", BORN_INTO, "clone3 with CLONE_INTO_CGROUP", v2, NO_V2],
    ["manager-writes", MANAGER_V2, "clone3, then its parent writes its number", v2, NO_V2],
    ["child-writes", CHILD_V1, "clone3, then the child writes 0", v1, NO_V1],
    ["manager-writes", MANAGER_V1, "clone3, then its parent writes its number", v1, NO_V1],
  ] as const;
  return SPACINGS.flatMap(([spacing, gapUs]) =>
    kinds.map(([step, contender, how, folder, absent]) => {
      const does = `${how}; the child is told to end, ends, and is reaped`;
      const of: Case = { contender, does, metric: `${JOINS}, ${spacing}`, unit: "us" };
      return cell(step, of, folder === undefined ? absent : [folder], gapUs);
    }),
  );
}

/** Pause and resume, by each freezer; one frozen empty cgroup keeps v1's compiled in. */
export function freezeCells({ v1Freezer, v2 }: CgroupFolders): readonly PrimitiveCase[] {
  const steps = [
    ["pause", "pause a container", "its freezer is told to freeze: until the write returns"],
    [
      "resume",
      "resume a container, until it answers",
      "a request is sent to the frozen process, its freezer told to thaw: until the answer",
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

/** `folders` is a text where there are none: why. */
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
