import { constants, getPriority, setPriority } from "node:os";

/** The nice value that this process was started with. Guests get it. */
export const USUAL_PRIORITY: number = getPriority();

/**
 * Gives Node's main thread priority over guests and installers when they compete for cores. Every
 * request passes this thread, and should not wait while others use up their time slices. It sleeps
 * most of the time, so the others lose little. Other threads, and processes that `Spawner` begins,
 * keep their priority.
 */
export function raisePriority(): void {
  try {
    setPriority(Math.min(USUAL_PRIORITY, constants.priority.PRIORITY_HIGH));
  } catch (error) {
    // root without CAP_SYS_NICE: requests wait for their turn
    if (!/EACCES|EPERM/.test((error as Error).message)) throw error;
  }
}

/** Undoes `raisePriority`. If that was refused, this changes nothing. */
export function restorePriority(): void {
  if (getPriority() !== USUAL_PRIORITY) setPriority(USUAL_PRIORITY);
}
