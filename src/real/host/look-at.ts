import { readFileSync } from "node:fs";

/** What the kernel reports about a process at one moment (proc(5), stat). */
export interface Look {
  /** R: runs or waits for a core; S: sleeps; D: waits in the kernel; T and t: is stopped. */
  readonly state: string;
  /** CPU time that the process has used, in milliseconds. */
  readonly cpuMs: number;
}

/** Fields of stat, counted from the state, which follows the name. */
const [UTIME_FIELD, STIME_FIELD] = [11, 12];
/** The kernel's USER_HZ, which is the same on every Linux. */
const MS_PER_TICK = 10;

/** undefined: the process is gone. */
export function lookAt(pid: number): Look | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name may contain blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[UTIME_FIELD]) + Number(fields[STIME_FIELD]);
  return { state: fields[0], cpuMs: ticks * MS_PER_TICK };
}

/** Whether a signal or a tracer has stopped the process. */
export function isStopped({ state }: Look): boolean {
  return state === "T" || state === "t";
}
