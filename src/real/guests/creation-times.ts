import type { Said } from "./messages.js";

/** The parts of one creation, in microseconds. */
export interface CreationTimes {
  readonly createUs: number;
  readonly forkUs: number;
  readonly importUs: number;
  readonly loadUs: number;
}

/** How one creation ended. */
export interface CreationEnd {
  readonly status: "ok" | "failed" | "parent-died";
  readonly times: CreationTimes;
  readonly message: string;
  /** What a function's code said before it failed to load. */
  readonly said?: Said;
}

export const NO_CREATION_TIMES: CreationTimes = { createUs: 0, forkUs: 0, importUs: 0, loadUs: 0 };

/**
 * Times at which a guest's fork was requested (0 for a fresh interpreter), its program ran, its
 * imports were done, and it was ready.
 */
export type Stamps = readonly [number, number, number, number];

/** Computes the parts of a creation from the guest's stamps. */
export function creationTimesOf(startedUs: number, nowUs: number, stamps: Stamps): CreationTimes {
  // Clamp the stamps: a spare forked early has old ones, and a hostile guest may send anything.
  const since = (us: number) => Math.min(nowUs, Math.max(us, startedUs));
  const [receivedUs, beganUs, importedUs, loadedUs] = stamps;
  const forkedAtUs = receivedUs === 0 ? since(beganUs) : since(receivedUs);
  return {
    createUs: forkedAtUs - startedUs,
    forkUs: since(beganUs) - forkedAtUs,
    importUs: since(importedUs) - since(beganUs),
    loadUs: since(loadedUs) - since(importedUs),
  };
}
