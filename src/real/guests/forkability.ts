import { constants, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The most files that a fork request can carry (native/guest/fork-request.h). */
const MOST_FILES = 16;
/** Descriptors of every guest: 0, 1, 2 and its socket. */
const FIRST_OWN = 4;
/** Access modes in the flags of /proc/PID/fdinfo. */
const ACCESS_MODE = 0o3;

/** What forks of a Zygote need, or why it must not be forked. */
export interface Forkability {
  /** Numbers of the files that each child opens again, ascending. */
  readonly files: readonly number[];
  /** What its children would share with each other; undefined: the Zygote may be forked. */
  readonly obstacle: string | undefined;
}

/**
 * Examines what the imports of a Zygote have left open, from outside: a library need not tell
 * Python. Files that are open for reading are no obstacle, because every child opens them again.
 * Children would share everything else with each other and with children that serve other
 * functions. If the process is gone, nothing is left open.
 */
export function examineForks(pid: number): Forkability {
  try {
    const numbers = readdirSync(`/proc/${pid}/fd`).map(Number);
    const files = numbers.filter((number) => number >= FIRST_OWN).sort((a, b) => a - b);
    const obstacle =
      files.map((number) => obstacleAt(pid, number)).find((each) => each !== undefined) ??
      (files.length > MOST_FILES ? `has ${files.length} files open` : sharedMemoryOf(pid));
    return { files, obstacle };
  } catch {
    return { files: [], obstacle: undefined }; // its end will be reported
  }
}

/** Opens a Zygote's files again. The caller closes the descriptors. Errors: those of open(2). */
export function openAgain(pid: number, files: readonly number[]): number[] {
  const { O_RDONLY, O_NONBLOCK } = constants;
  return files.map((number) => openSync(`/proc/${pid}/fd/${number}`, O_RDONLY | O_NONBLOCK));
}

function obstacleAt(pid: number, number: number): string | undefined {
  const target = readlinkSync(`/proc/${pid}/fd/${number}`);
  if (!target.startsWith("/")) return `has ${nameOf(target)} open`;
  const info = readFileSync(`/proc/${pid}/fdinfo/${number}`, "utf8");
  const flags = Number.parseInt(/^flags:\s+([0-7]+)$/m.exec(info)?.[1] ?? "0", 8);
  const isReadOnly = (flags & ACCESS_MODE) === constants.O_RDONLY;
  return isReadOnly || target.startsWith("/dev/") ? undefined : `has ${target} open for writing`;
}

/** The kind of an open file without a path, from its link in /proc/PID/fd. */
function nameOf(link: string): string {
  if (link.startsWith("socket:")) return "a socket";
  if (link.startsWith("pipe:")) return "a pipe";
  return link.replace(/^anon_inode:\[?/, "").replace(/\]$/, "");
}

/** Memory that a child can write and that its Zygote and siblings see. */
function sharedMemoryOf(pid: number): string | undefined {
  const shared = readFileSync(`/proc/${pid}/maps`, "utf8")
    .split("\n")
    .find((line) => /^\S+ .w.s /.test(line));
  return shared === undefined ? undefined : `shares memory (${shared.split(/\s+/)[5]})`;
}
