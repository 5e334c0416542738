import type { RandomStreams } from "../../src/basics/random.js";
import { SETTINGS, type Setting } from "./settings.js";

export interface ScheduledRound {
  readonly fault: string;
  readonly setting: Setting;
  readonly loadMs: number;
}

/** Time of a round in addition to its load: start, uploads, checks and stop. */
const OVERHEAD_MS = 4_000;
const SHORTEST_LOAD_MS = 3_000;
/** Shortest time of a pass over all faults, so that a long run has long loads. */
const SHORTEST_PASS_MINUTES = 2;

/**
 * Rounds that together take about `minutes`. Each pass runs every fault once, with the next setting
 * of a shuffled list. After as many passes as there are settings, each fault has met each setting.
 */
export function scheduleOf(
  faults: readonly string[],
  minutes: number,
  random: RandomStreams,
): readonly ScheduledRound[] {
  const settings = shuffled(SETTINGS, random);
  const most = Math.floor(minutes / SHORTEST_PASS_MINUTES);
  const passes = Math.max(1, Math.min(settings.length, most));
  const shareMs = (minutes * 60_000) / (passes * faults.length);
  const loadMs = Math.max(SHORTEST_LOAD_MS, shareMs - OVERHEAD_MS);
  return Array.from({ length: passes }, (_, pass) =>
    faults.map((fault, at) => ({
      fault,
      setting: settings[(pass + at) % settings.length],
      loadMs,
    })),
  ).flat();
}

/** Shuffles a list (Fisher and Yates). */
function shuffled<T>(items: readonly T[], random: RandomStreams): T[] {
  const draws = random.get("settings");
  const all = [...items];
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(draws.next() * (last + 1));
    [all[last], all[other]] = [all[other]!, all[last]!];
  }
  return all;
}
