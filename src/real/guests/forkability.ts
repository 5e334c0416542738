import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

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

/** What /proc tells of a process. Each part throws Node's error of the system call that failed. */
export interface ProcessView {
  /** Numbers of its descriptors. */
  descriptors(): readonly number[];
  /** What a descriptor refers to, as its link in /proc/PID/fd names it. */
  linkOf(number: number): string;
  /** /proc/PID/fdinfo/NUMBER */
  infoOf(number: number): string;
  /** /proc/PID/maps */
  maps(): string;
}

export function viewOf(pid: number): ProcessView {
  return {
    descriptors: () => readdirSync(`/proc/${pid}/fd`).map(Number),
    linkOf: (number) => readlinkSync(`/proc/${pid}/fd/${number}`),
    infoOf: (number) => readFileSync(`/proc/${pid}/fdinfo/${number}`, "utf8"),
    maps: () => readFileSync(`/proc/${pid}/maps`, "utf8"),
  };
}

/**
 * Examines what the imports of a Zygote have left open, from outside: a library need not tell
 * Python. Files that are open for reading are no obstacle, because every child opens them again.
 * Children would share everything else with each other and with children that serve other
 * functions. A descriptor that is closed meanwhile is not there. If the process is gone, nothing is
 * left open. If it cannot be examined for another reason, that is an obstacle.
 */
export function examineForks(view: ProcessView): Forkability {
  try {
    return examine(view);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const obstacle = isGone(error) ? undefined : `cannot be examined (${code})`;
    return { files: [], obstacle }; // the end of a process that is gone will be reported
  }
}

function examine(view: ProcessView): Forkability {
  const files: number[] = [];
  for (const number of view.descriptors().toSorted((a, b) => a - b)) {
    if (number < FIRST_OWN) continue;
    try {
      const obstacle = obstacleAt(view, number);
      if (obstacle !== undefined) return { files: [], obstacle };
      files.push(number);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  if (files.length > MOST_FILES) return { files: [], obstacle: `has ${files.length} files open` };
  return { files, obstacle: sharedMemoryOf(view) };
}

/** Own openings of a Zygote's files. */
export interface OpenedFiles {
  /** Their numbers in the Zygote, ascending. A file that the Zygote has closed is left out. */
  readonly numbers: readonly number[];
  /** The new openings, in the same order. */
  readonly descriptors: readonly number[];
}

/** Opens a Zygote's files again. The caller closes the descriptors. Errors: those of open(2). */
export function openAgain(pid: number, files: readonly number[]): OpenedFiles {
  const { O_RDONLY, O_NONBLOCK } = constants;
  const numbers: number[] = [];
  const descriptors: number[] = [];
  for (const number of files) {
    try {
      descriptors.push(openSync(`/proc/${pid}/fd/${number}`, O_RDONLY | O_NONBLOCK));
      numbers.push(number);
    } catch (error) {
      if (isGone(error)) continue;
      for (const each of descriptors) closeSync(each);
      throw error;
    }
  }
  return { numbers, descriptors };
}

/** Whether a process or one of its descriptors was not there any more. */
function isGone(error: unknown): boolean {
  return ["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function obstacleAt(view: ProcessView, number: number): string | undefined {
  const target = view.linkOf(number);
  if (!target.startsWith("/")) return `has ${nameOf(target)} open`;
  const flags = Number.parseInt(/^flags:\s+([0-7]+)$/m.exec(view.infoOf(number))?.[1] ?? "0", 8);
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
function sharedMemoryOf(view: ProcessView): string | undefined {
  const shared = view
    .maps()
    .split("\n")
    .find((line) => /^\S+ .w.s /.test(line));
  return shared === undefined ? undefined : `shares memory (${shared.split(/\s+/)[5]})`;
}
