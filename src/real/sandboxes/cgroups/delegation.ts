import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MachineError } from "../../../basics/errors.js";

/** Makes a cgroup folder that may be there already. Errors: MachineError where the hierarchy is read-only. */
export function makeCgroup(path: string): void {
  if (existsSync(path)) return;
  try {
    mkdirSync(path); // not recursive: Node would then call a read-only file system ENOENT
  } catch (error) {
    throw refused(path, error as NodeJS.ErrnoException);
  }
}

/**
 * Lets the children of a v2 cgroup be bound by these controllers (cgroups(7), subtree_control). Errors:
 * MachineError where it cannot be: cgroup v2 forbids it to one that holds processes itself, as the
 * uppermost one that a container of Docker's sees does.
 */
export function handDown(path: string, controllers: readonly string[]): void {
  try {
    const words = controllers.map((each) => `+${each}`);
    writeFileSync(join(path, "cgroup.subtree_control"), words.join(" "));
  } catch (error) {
    throw refused(path, error as NodeJS.ErrnoException);
  }
}

/**
 * Whether a v2 cgroup, as of the hierarchy's mount point, can hand down these controllers, or does so
 * already. The machine's own root can always; it has no cgroup.events.
 */
export function canHandDown(path: string, controllers: readonly string[]): boolean {
  if (!existsSync(join(path, "cgroup.events"))) return true;
  const wordsOf = (file: string) => readFileSync(join(path, file), "utf8").split(/\s+/);
  const handedDown = wordsOf("cgroup.subtree_control");
  if (controllers.every((each) => handedDown.includes(each))) return true;
  return wordsOf("cgroup.procs").join("") === "";
}

/** The command that moves a cgroup's processes into a child of its own. */
export function emptyingCommand(path: string): string {
  return `mkdir ${path}/init && xargs -rn1 <${path}/cgroup.procs >${path}/init/cgroup.procs`;
}

function refused(path: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case "EBUSY":
      return new MachineError(
        `${path}: holds processes, so its controllers cannot be handed down: ${emptyingCommand(path)}`,
      );
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return new MachineError(
        `${path}: cgroups cannot be written (${error.code}): run as root; in a container of Docker's: docker run --privileged`,
      );
    default:
      return error;
  }
}
