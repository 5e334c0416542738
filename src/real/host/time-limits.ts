import { US_PER_MS } from "../../basics/units.js";

/** Longest run of a handler, unless an option says otherwise. */
export const DEFAULT_RUN_TIMEOUT_MS = 60_000;

/** Imports of large packages take seconds, and longer on a busy machine. */
const LEAST_MAKE_TIMEOUT_MS = 5_000;
const MOST_MAKE_TIMEOUT_MS = 60_000;

/**
 * OpenLambda allows 300 s per install and at most 60 s per run, so an install gets five runs. A
 * build takes a minute.
 */
const INSTALLS_PER_RUN = 5;
const LEAST_INSTALL_TIMEOUT_MS = 60_000;
const MOST_INSTALL_TIMEOUT_MS = 300_000;

/**
 * How long a killed process may take to be gone; after that its end is reported anyway. The kernel
 * needs time to free memory, and a process that waits in the kernel for a broken device is never
 * gone.
 */
export const KILL_GRACE_MS = 5_000;

/**
 * Longest creation of a container or Zygote, unless an option says otherwise: the limit of a run,
 * from 5 s to 60 s.
 */
export function usualMakeTimeoutMs(runTimeoutMs: number): number {
  return clamp(runTimeoutMs, LEAST_MAKE_TIMEOUT_MS, MOST_MAKE_TIMEOUT_MS);
}

/** Longest install: the limit of five runs, from 60 s to 300 s. */
export function installTimeoutUs(runTimeoutMs: number): number {
  const ms = clamp(
    INSTALLS_PER_RUN * runTimeoutMs,
    LEAST_INSTALL_TIMEOUT_MS,
    MOST_INSTALL_TIMEOUT_MS,
  );
  return ms * US_PER_MS;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
