import { RandomStreams } from "../../basics/random.js";
import type { Placement, RunTimeMode, TraceCut } from "../../trace/trace.js";

export interface TraceSettings {
  readonly functions: number | undefined;
  readonly fromMinute: number;
  readonly minutes: number | undefined;
  readonly speedup: number;
  readonly placement: Placement;
  readonly runTimes: RunTimeMode;
  readonly seed: number;
}

export function traceCut(settings: TraceSettings): TraceCut {
  const { functions, fromMinute, minutes, speedup, seed } = settings;
  return { functions, fromMinute, minutes, speedup, streams: new RandomStreams(seed) };
}
