import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cgroupMountPoints } from "../../src/real/host/mount-points.js";
import { cgroupNameOf, installersOf } from "../../src/real/sandboxes/cgroups/names.js";
import { type ProcessIdentity, startTicksOf } from "../../src/real/state/process-identity.js";

/** Kinds of processes of an instance. */
export type GuestKind = "container" | "zygote" | "installer";

/** Prefix of the names of a kind's cgroups. */
const LETTER = { container: "c-", zygote: "z-", installer: "i-" } as const;

/**
 * Running processes of a kind. A fork that has not reached its own cgroup counts for its Zygote.
 */
export function guestsOf(instance: string, kind: GuestKind): readonly number[] {
  const name = cgroupNameOf(kind === "installer" ? installersOf(instance) : instance);
  const parent = cgroupMountPoints()
    .map((path) => join(path, name))
    .find((path) => existsSync(path));
  if (parent === undefined) return [];
  return entriesOf(parent)
    .filter((each) => each.startsWith(LETTER[kind]))
    .flatMap((each) => membersOf(join(parent, each)));
}

/** All processes of a worker: its descendants, and the members of its instance's cgroups. */
export function processesOf(worker: number, instance: string): readonly ProcessIdentity[] {
  const parents = new Map(allPids().map((pid) => [pid, parentOf(pid)]));
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === worker || isOurs(parent));
  };
  return [...parents.keys()]
    .filter((pid) => isOurs(pid) || cgroupsOf(pid).includes(`/${cgroupNameOf(instance)}`))
    .map((pid) => ({ pid, startTicks: startTicksOf(pid) ?? -1 }));
}

/** Cgroup folders of an instance in all hierarchies. */
export function cgroupsNamed(instance: string): readonly string[] {
  return [instance, installersOf(instance)]
    .map(cgroupNameOf)
    .flatMap((name) => cgroupMountPoints().map((path) => join(path, name)))
    .filter((path) => existsSync(path))
    .flatMap((path) => [path, ...entriesOf(path).map((each) => join(path, each))]);
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number | undefined {
  const parent = /^PPid:\s+(\d+)/m.exec(readIfThere(`/proc/${pid}/status`))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

function cgroupsOf(pid: number): string {
  return readIfThere(`/proc/${pid}/cgroup`);
}

function membersOf(cgroup: string): number[] {
  return readIfThere(join(cgroup, "cgroup.procs"))
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return []; // the folder has just been removed
  }
}

/** The text of a file; empty if the file does not exist any more. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
