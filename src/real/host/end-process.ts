/**
 * Kills a process, or the process group of a negative number. A process that is already gone is no
 * error.
 */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
