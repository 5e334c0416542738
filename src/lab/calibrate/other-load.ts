import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { CostFindings } from "./findings.js";
import { costOf } from "./summary.js";

/** Cores that other processes may keep busy before a warning is printed. */
export const QUIET_CORES = 0.1;

const LOOKS = 10;
const LOOK_MS = 100;

/** Measures how many cores other processes keep busy while the calibration only waits. */
export async function measureOtherLoad(): Promise<CostFindings> {
  const busy: number[] = [];
  let before = busyTicks();
  for (let look = 0; look < LOOKS; look++) {
    await pause(LOOK_MS);
    const after = busyTicks();
    busy.push((after - before) / TICKS_PER_SECOND / (LOOK_MS / 1000));
    before = after;
  }
  return {
    costs: {},
    observed: { otherLoad: costOf(busy, "count", "cores busy while the calibration waited") },
  };
}

/** USER_HZ on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;
/**
 * Fields of the first line of /proc/stat (proc_stat(5)): idle time and waiting for disks are not
 * work, and guest time is already part of user time.
 */
const IDLE = 3;
const WAITING = 4;
const COUNTED = 8;

function busyTicks(): number {
  const [first] = readFileSync("/proc/stat", "utf8").split("\n");
  const ticks = first
    .trim()
    .split(/\s+/)
    .slice(1, COUNTED + 1)
    .map(Number);
  return ticks.reduce((sum, each, at) => (at === IDLE || at === WAITING ? sum : sum + each), 0);
}
