import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { RandomStreams } from "../../src/basics/random.js";
import { COLD } from "../../src/contract/observer.js";
import { simulate } from "../../src/run/simulate.js";
import { footprintOf, withoutTimes } from "../../src/sim/costs/costs.js";
import { openTrace } from "../../src/trace/formats/formats.js";
import { joinPackages } from "../../src/trace/packages/join.js";
import { PLACEMENTS } from "../../src/trace/trace.js";
import { MINUTE, PLAIN_POLICIES, Recording, SHIPPED_COSTS } from "../engine/harness.js";

const DAY = resolve(import.meta.dirname, "../../../shared/data/azure2019/eunomia400_d01");
const KEEP_MINUTES = 10;

describe.skipIf(!existsSync(DAY))(
  "cold starts of a real day (skipped: ../shared/data is absent)",
  () => {
    // A minute's count says nothing of when inside it. Active minutes m < n of a function are less
    // than n - m + 1 minutes apart and more than n - m - 1. So with a window of K minutes a gap of
    // n - m >= K + 1 is always cold, one of n - m <= K - 1 never, and n - m = K depends on the placement.
    let surely = 0;
    let perhaps = 0;
    beforeAll(() => {
      const gaps = minuteGaps();
      surely = gaps.filter((gap) => gap > KEEP_MINUTES).length;
      perhaps = gaps.filter((gap) => gap === KEEP_MINUTES).length;
    });

    test("the minute-level bound is the published one: 0.000182 of 18,452,673", () => {
      expect(surely / 18_452_673).toBeCloseTo(0.000182, 6);
    });

    for (const placement of PLACEMENTS) {
      test(`placement ${placement}: unlimited memory, 10 minutes of keep-alive, no run times`, async () => {
        const cold = await countColdStarts(placement);
        expect(cold).toBeGreaterThanOrEqual(surely);
        expect(cold).toBeLessThanOrEqual(surely + perhaps);
      });
    }
  },
);

/** Gaps in minutes between a function's active minutes; the first one of each counts as infinite. */
function minuteGaps(): number[] {
  const text = gunzipSync(
    readFileSync(join(DAY, "invocations_per_function_md.anon.d01.csv.gz")),
  ).toString();
  const [header, ...rows] = text.trimEnd().split("\n");
  const first = header.split(",").indexOf("1");
  return rows.flatMap((row) => {
    const counts = row.split(",").slice(first);
    const active = counts.flatMap((count, minute) => (count === "0" ? [] : [minute]));
    return active.map((minute, i) => (i === 0 ? Number.POSITIVE_INFINITY : minute - active[i - 1]));
  });
}

async function countColdStarts(placement: (typeof PLACEMENTS)[number]): Promise<number> {
  const streams = new RandomStreams(1);
  const trace = await openTrace(DAY, {
    functions: undefined,
    fromMinute: 0,
    minutes: undefined,
    speedup: 1,
    streams,
  });
  const { interpreterBytes } = footprintOf(SHIPPED_COSTS);
  const options = { placement, runTimes: "zero", interpreterBytes } as const;
  const workload = joinPackages(trace, undefined, streams, options);
  const costs = withoutTimes(SHIPPED_COSTS);
  const counts = new ColdCounter();
  await simulate({
    workload,
    costs,
    streams,
    observer: counts,
    policies: {
      ...PLAIN_POLICIES,
      "keep-alive": {
        decide(_view, _container, decision) {
          decision.keepUs = KEEP_MINUTES * MINUTE;
        },
      },
    },
    config: {
      memoryLimitBytes: Number.POSITIVE_INFINITY,
      diskLimitBytes: Number.POSITIVE_INFINITY,
      cores: 4,
      runsPerCore: Number.POSITIVE_INFINITY,
      creationsPerCore: Number.POSITIVE_INFINITY,
      creationsPerFunction: Number.POSITIVE_INFINITY,
      queueLimit: 0,
      queueTimeoutUs: MINUTE,
      footprint: footprintOf(costs),
    },
  });
  expect(counts.total).toBe(18_452_673);
  return counts.cold;
}

/** Only counts: a Recording would keep one row per invocation of 18 million. */
class ColdCounter extends Recording {
  cold = 0;
  total = 0;

  override started(): void {}
  override arrived(): void {}
  override ended(_atUs: number, record: { readonly startKind: number }): void {
    this.total++;
    if (record.startKind === COLD) this.cold++;
  }
}
