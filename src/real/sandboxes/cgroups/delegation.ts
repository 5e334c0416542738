import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MachineError } from "../../../basics/errors.js";

/** Creates a cgroup folder unless it exists. Errors: MachineError if the hierarchy is read-only. */
export function makeCgroup(path: string): void {
  if (existsSync(path)) return;
  try {
    mkdirSync(path); // not recursive: Node would then call a read-only file system ENOENT
  } catch (error) {
    throw refused(path, error as NodeJS.ErrnoException);
  }
}

/**
 * Hands controllers of a v2 cgroup down to its children (cgroups(7), subtree_control). Errors:
 * MachineError if that is refused: cgroup v2 forbids it for a cgroup that itself contains
 * processes, as the top cgroup in a Docker container does.
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
 * Whether this v2 cgroup can enable these controllers for its children, or has already enabled them.
 * The machine's root cgroup always can; its missing cgroup.events identifies it.
 */
export function canHandDown(path: string, controllers: readonly string[]): boolean {
  if (!existsSync(join(path, "cgroup.events"))) return true;
  const wordsOf = (file: string) => readFileSync(join(path, file), "utf8").split(/\s+/);
  const handedDown = wordsOf("cgroup.subtree_control");
  if (controllers.every((each) => handedDown.includes(each))) return true;
  return wordsOf("cgroup.procs").join("") === "";
}

/** The command that moves a cgroup's processes to a child of that cgroup. */
export function emptyingCommand(path: string): string {
  return `mkdir ${path}/init && xargs -rn1 <${path}/cgroup.procs >${path}/init/cgroup.procs`;
}

function refused(path: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case "EBUSY":
      return new MachineError(
        `${path}: contains processes, so its controllers cannot be handed down: ${emptyingCommand(path)}`,
      );
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return new MachineError(
        `${path}: cgroups cannot be written (${error.code}): run as root; in a Docker container: docker run --privileged`,
      );
    default:
      return error;
  }
}
