import { constants, getPriority, setPriority } from "node:os";

/** The nice value this process was started with: that of guests. */
export const USUAL_PRIORITY: number = getPriority();

/**
 * Puts Node's main thread, which every request passes, before guests and installers where they
 * compete for cores, so that a request does not wait for others' slices of milliseconds. It sleeps
 * most of the time, so they lose little. Other threads, and processes begun by `Spawner`, stay as
 * they were.
 */
export function raisePriority(): void {
  try {
    setPriority(Math.min(USUAL_PRIORITY, constants.priority.PRIORITY_HIGH));
  } catch (error) {
    // root without CAP_SYS_NICE: requests wait their turn
    if (!/EACCES|EPERM/.test((error as Error).message)) throw error;
  }
}

/** Undoes `raisePriority`; called where that was refused, it changes nothing. */
export function restorePriority(): void {
  if (getPriority() !== USUAL_PRIORITY) setPriority(USUAL_PRIORITY);
}
