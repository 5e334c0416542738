import { US_PER_MINUTE } from "../../basics/units.js";
import type { Workload } from "../../contract/workload.js";
import { forEachBatch } from "./for-each-batch.js";

/** OpenWhisk's default keep-alive. */
const KEEP_US = 10 * US_PER_MINUTE;

/**
 * Containers that would be made for each function if memory had no limit and creations took no
 * time: an arrival takes the container that fell idle last, if it did so within 10 minutes, else
 * another one is made.
 */
export async function countCreations({
  functions,
  arrivals,
}: Pick<Workload, "functions" | "arrivals">): Promise<Float64Array> {
  const counts = new Float64Array(functions.length);
  /** Per function: when each of its containers falls idle, in no order. */
  const idleAtUs: number[][] = functions.map(() => []);
  await forEachBatch(arrivals(), ({ count, atUs, functionId, runUs }) => {
    for (let at = 0; at < count; at++) {
      const endUs = atUs[at] + runUs[at];
      if (!takeNewestIdle(idleAtUs[functionId[at]], atUs[at], endUs)) counts[functionId[at]]++;
    }
  });
  return counts;
}

/** Occupies a container until `endUs`, and forgets those that have expired. False: it is a new one. */
function takeNewestIdle(idleAtUs: number[], nowUs: number, endUs: number): boolean {
  let newest = -1;
  for (let at = idleAtUs.length - 1; at >= 0; at--) {
    if (idleAtUs[at] < nowUs - KEEP_US) {
      const last = idleAtUs.pop()!;
      if (at < idleAtUs.length) idleAtUs[at] = last;
      if (newest === idleAtUs.length) newest = at;
    } else if (idleAtUs[at] <= nowUs && (newest === -1 || idleAtUs[at] > idleAtUs[newest]))
      newest = at;
  }
  if (newest === -1) idleAtUs.push(endUs);
  else idleAtUs[newest] = endUs;
  return newest !== -1;
}
