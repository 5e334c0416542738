import { readFileSync } from "node:fs";

/** A process that ever was, told from all others that had or will have its id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in clock ticks since the machine's start (proc(5), stat field 22). */
  readonly startTicks: number;
}

/** proc(5). */
const THREADS_FIELD = 20;
const START_TICKS_FIELD = 22;

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTicks: startTicksOf(process.pid)! };
}

/** True while this very process exists; a zombie is gone. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  return startTicksOf(pid) === startTicks;
}

/** undefined: there is no such process, or only its zombie. */
export function startTicksOf(pid: number): number | undefined {
  return statField(pid, START_TICKS_FIELD);
}

/** Threads of a process, whoever has started them; 0: there is no such process, or only its zombie. */
export function threadsOf(pid: number): number {
  return statField(pid, THREADS_FIELD) ?? 0;
}

/** A number of /proc/PID/stat; fields are counted from 1. undefined: no process, or a zombie. */
function statField(pid: number, field: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined; // gone between two looks at it
  }
  // the command's name may hold blanks and brackets; the fields from the third on follow its last one
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : Number(fields[field - 3]);
}
