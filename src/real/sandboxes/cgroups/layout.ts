import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The controllers that limit, measure or pause a container. */
export const CONTROLLERS = ["cpu", "memory", "pids", "freezer"] as const;
export type Controller = (typeof CONTROLLERS)[number];

/** Where this machine's controllers are: in cgroup v1, in v2, or in both. */
export interface CgroupLayout {
  /** Mount point of the v1 hierarchy of each controller that v1 has. */
  readonly v1: ReadonlyMap<Controller, string>;
  /** Mount point of the v2 hierarchy; undefined: it has none of the controllers. */
  readonly v2: string | undefined;
  /** Controllers in the v2 hierarchy; the freezer is always part of it. */
  readonly inV2: readonly Controller[];
  readonly missing: readonly Controller[];
}

/** Reads the layout from the text of /proc/self/mountinfo. */
export function detectCgroups(mountInfo: string): CgroupLayout {
  const v1 = new Map<Controller, string>();
  let v2: string | undefined;
  for (const line of mountInfo.split("\n")) {
    const [fields, filesystem] = line.split(" - ");
    const [type, , options] = filesystem?.split(" ") ?? [];
    const mountPoint = fields.split(" ")[4];
    if (type === "cgroup2") v2 ??= mountPoint;
    if (type !== "cgroup") continue;
    const held = options.split(",");
    for (const controller of CONTROLLERS) {
      if (held.includes(controller) && !v1.has(controller)) v1.set(controller, mountPoint);
    }
  }
  const available = v2 === undefined ? [] : controllersOf(v2);
  const inV2 = CONTROLLERS.filter((each) => !v1.has(each) && available.includes(each));
  const missing = CONTROLLERS.filter((each) => !v1.has(each) && !inV2.includes(each));
  return { v1, v2: inV2.length > 0 ? v2 : undefined, inV2, missing };
}

function controllersOf(root: string): Controller[] {
  const names = readFileSync(join(root, "cgroup.controllers"), "utf8").trim().split(" ");
  return CONTROLLERS.filter((each) => each === "freezer" || names.includes(each));
}
