import { expect, test } from "vitest";
import type { ArrivalBatch, Workload } from "../../../src/contract/workload.js";
import { keepArrivals } from "../../../src/lab/run/keep-arrivals.js";

const TIMES = [[1, 2, 3], [4, 5], [6]];
const INVOCATIONS = 6;
const BYTES = INVOCATIONS * 20;

test("arrivals are made once, and every later pass yields the same arrivals", async () => {
  const { workload, passes } = countingWorkload(INVOCATIONS);
  const kept = keepArrivals(workload, BYTES);
  for (let pass = 0; pass < 3; pass++) expect(await timesOf(kept)).toEqual(TIMES.flat());
  expect(passes()).toBe(1);
});

test("a pass that did not reach its end is not kept", async () => {
  const { workload, passes } = countingWorkload(INVOCATIONS);
  const kept = keepArrivals(workload, BYTES);
  await kept.arrivals().next();
  expect(await timesOf(kept)).toEqual(TIMES.flat());
  expect(passes()).toBe(2);
});

test("arrivals beyond the limit, or of unknown number, are made again in each pass", () => {
  const { workload } = countingWorkload(INVOCATIONS);
  expect(keepArrivals(workload, BYTES - 1)).toBe(workload);
  const unknown = { ...workload, expectedInvocations: undefined };
  expect(keepArrivals(unknown, BYTES)).toBe(unknown);
});

/**
 * A workload that counts its passes. Its batches overwrite each other, as the contract allows, and
 * the second one is a promise.
 */
function countingWorkload(expectedInvocations: number) {
  let passes = 0;
  const columns = { atUs: new Float64Array(3), runUs: new Float64Array(3) };
  const batch: ArrivalBatch = { ...columns, count: 0, functionId: new Int32Array(3) };
  const arrivals = () => {
    passes++;
    let at = 0;
    const next = () => {
      const times = TIMES[at++];
      if (times === undefined) return null;
      batch.count = times.length;
      batch.atUs.set(times);
      return at === 2 ? Promise.resolve(batch) : batch;
    };
    return { next };
  };
  const workload: Workload = {
    ...{ trace: "test", functions: [], catalogue: { source: "none", packages: [] } },
    ...{ spanUs: 10, expectedInvocations, arrivals },
  };
  return { workload, passes: () => passes };
}

async function timesOf(workload: Workload): Promise<readonly number[]> {
  const source = workload.arrivals();
  const times: number[] = [];
  for (;;) {
    const batch = await source.next();
    if (batch === null) return times;
    times.push(...batch.atUs.slice(0, batch.count));
  }
}
