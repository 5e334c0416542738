import { TimeHeap } from "../../basics/time-heap.js";
import type { MeasuredSpan } from "../../contract/measured-span.js";
import type { FunctionArrivals } from "../../policies/known-future.js";

/** What becomes of the invocations of a workload if containers are kept for them. */
export interface Uses {
  /** Invocations that arrive within the span. */
  readonly invocations: number;
  /** Those that could reuse a container; the others need one that there never was before. */
  readonly count: number;
  /** How long each of these containers must be held, in microseconds: idle, then for the run. */
  readonly heldUs: Float64Array;
  readonly functionId: Int32Array;
}

/**
 * The reuses of a workload whose invocations begin when they arrive. If k invocations of a function
 * run at once when one arrives, it reuses a container only if k are there, and so only if the kth
 * was kept since k of its invocations last ran. So each level of a function is a separate object,
 * and the idle containers of a function are those of its levels that are not running.
 *
 * Runs last `shortest` of their time, because a run may be shorter than asked; a longer one only
 * needs more containers and holds them for longer. Times are cut to the span.
 */
export function usesOf(
  arrivals: readonly FunctionArrivals[],
  { fromUs, untilUs }: MeasuredSpan,
  shortest: number,
): Uses {
  const most = arrivals.reduce((sum, { atUs }) => sum + atUs.length, 0);
  const heldUs = new Float64Array(most);
  const functionIds = new Int32Array(most);
  let invocations = 0;
  let count = 0;
  for (const [functionId, { atUs, runUs }] of arrivals.entries()) {
    const ends = new TimeHeap();
    /** By level: when so many last ran at once. */
    const leftUs: number[] = [];
    for (let at = 0; at < atUs.length; at++) {
      const nowUs = atUs[at];
      while (ends.minKey <= nowUs) {
        const endUs = ends.minKey;
        leftUs[ends.size] = endUs;
        ends.pop();
      }
      const endUs = nowUs + runUs[at] * shortest;
      ends.push(endUs, at);
      if (nowUs < fromUs) continue;
      invocations++;
      const sinceUs = leftUs[ends.size];
      if (sinceUs === undefined) continue;
      heldUs[count] = Math.min(endUs, untilUs) - Math.max(sinceUs, fromUs);
      functionIds[count++] = functionId;
    }
  }
  return { invocations, count, heldUs, functionId: functionIds };
}
