import { readFileSync } from "node:fs";

/** Identifies one process even if its process id is used again later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process began, in clock ticks since the machine's start (proc(5), stat field 22). */
  readonly startTicks: number;
}

/** proc(5). */
const THREADS_FIELD = 20;
const START_TICKS_FIELD = 22;

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTicks: startTicksOf(process.pid)! };
}

/** True while this very process exists. A zombie counts as gone. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  return startTicksOf(pid) === startTicks;
}

/** undefined: there is no process of this id, or only its zombie. */
export function startTicksOf(pid: number): number | undefined {
  return statField(pid, START_TICKS_FIELD);
}

/**
 * How many threads a process has, including those that C libraries have started; 0: there is no
 * process of this id, or only its zombie.
 */
export function threadsOf(pid: number): number {
  return statField(pid, THREADS_FIELD) ?? 0;
}

/**
 * A number of /proc/PID/stat. Fields are counted from 1. undefined: there is no process of this id,
 * or only its zombie.
 */
function statField(pid: number, field: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined; // the process is gone
  }
  // the command's name may contain blanks and brackets; the third field follows the last bracket
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : Number(fields[field - 3]);
}
