import { join } from "node:path";
import { beforeAll, describe, expect, it, test } from "vitest";
import { US_PER_MINUTE } from "../../../src/basics/units.js";
import { forEachBatch } from "../../../src/trace/arrivals/for-each-batch.js";
import { azure2019Minutes } from "../../../src/trace/formats/azure-2019-minutes.js";
import { openTrace } from "../../../src/trace/formats/formats.js";
import { cutOf, DATA_ABSENT, DATA_FOLDER, listArrivals, optionsOf } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

const HEADER = "id,sebs_profile,counts_6_minutes_peak_le_8\n";
const fileOf = (rows: string) => join(makeFolder({ "days.csv": HEADER + rows }), "days.csv");

describe("minutes of Azure 2019", () => {
  it("has one function per row and one digit per minute, without run times", async () => {
    const trace = await openTrace(fileOf("7,image-recog,010002\n8,thumbnailer,300000\n"), cutOf());
    expect(trace.format).toBe("azure2019-minutes");
    expect(trace.spanUs).toBe(6 * US_PER_MINUTE);
    expect(trace.functions).toMatchObject([
      { name: "7", app: "7", invocations: 3 },
      { name: "8", app: "8", invocations: 3 },
    ]);
    const arrivals = await listArrivals(trace);
    const minutesOf = (name: string) =>
      arrivals
        .filter((each) => each.name === name)
        .map(({ atUs }) => Math.floor(atUs / US_PER_MINUTE));
    expect(minutesOf("7")).toEqual([1, 5, 5]);
    expect(minutesOf("8")).toEqual([0, 0, 0]);
    expect(arrivals.every(({ runUs }) => runUs === 0)).toBe(true);
  });

  it("says how many functions may be scaled to a busiest minute of 8", async () => {
    const trace = await azure2019Minutes.open(fileOf("1,x,080000\n2,x,700000\n"), cutOf());
    expect(trace.caveat).toContain("1 of its 2 functions have a busiest minute of 8 calls");
  });

  it("refuses a row with too few minutes, and what is not a digit, with its line", async () => {
    const opened = (rows: string) => azure2019Minutes.open(fileOf(rows), cutOf());
    await expect(opened("1,x,01\n")).rejects.toThrow("days.csv:2: 2 minutes, expected 6 digits");
    await expect(opened("1,x,000000\n2,x,0000-1\n")).rejects.toThrow(
      'days.csv:3: minute 4 is "-", expected a digit',
    );
  });

  it("says which column is missing", async () => {
    const path = join(makeFolder({ "days.csv": "id,minutes\n1,01\n" }), "days.csv");
    await expect(azure2019Minutes.open(path, cutOf())).rejects.toThrow(
      "column counts_N_minutes is missing, the header has id,minutes",
    );
  });
});

const DAYS = join(DATA_FOLDER, "other/azure2019_ecolife1000_12days.csv.gz");

/**
 * Cold starts of a keep-alive of K minutes by minute counts alone: a minute with calls is one cold
 * start if the last such minute of its function is more than K minutes before it, or if it is the
 * first. The figures were published with the sample, computed by another program: its median is the
 * upper of the two middle functions, and it calls a function always cold from 99.9 % of its calls on.
 */
describe.skipIf(DATA_ABSENT)(
  "twelve days of 1,000 functions (skipped: ../shared/data is absent)",
  () => {
    const invocations = new Float64Array(1000);
    const minutes: number[][] = Array.from({ length: 1000 }, () => []);
    let caveat: string | undefined;

    beforeAll(async () => {
      const trace = await openTrace(`azure2019-minutes:${DAYS}`, cutOf());
      caveat = trace.caveat;
      await forEachBatch(trace.arrivals(optionsOf({ placement: "equidistant" })), (batch) => {
        for (let at = 0; at < batch.count; at++) {
          const id = batch.functionId[at];
          const minute = Math.floor(batch.atUs[at] / US_PER_MINUTE);
          invocations[id]++;
          if (minutes[id].at(-1) !== minute) minutes[id].push(minute);
        }
      });
    });

    test("has 10,399,402 calls; 344 functions have a busiest minute of 8", () => {
      expect(invocations.reduce((sum, count) => sum + count, 0)).toBe(10_399_402);
      expect(caveat).toMatch(/^344 of its 1000 functions/);
    });

    test.each([
      { keep: 1, all: ".138", median: ".714", alwaysCold: ".375" },
      { keep: 5, all: ".0246", median: ".123", alwaysCold: ".218" },
      { keep: 10, all: ".0128", median: ".0285", alwaysCold: ".194" },
      { keep: 20, all: ".0052", median: ".0015", alwaysCold: ".155" },
      { keep: 60, all: ".0014", median: ".0007", alwaysCold: ".116" },
    ])(
      "a keep-alive of $keep min leaves $all of all calls cold, $median of the median function's, and $alwaysCold of the functions always cold",
      ({ keep, all, median, alwaysCold }) => {
        const cold = minutes.map(
          (active) => active.filter((at, n) => n === 0 || at - active[n - 1] > keep).length,
        );
        const shares = cold.map((count, id) => count / invocations[id]).toSorted((a, b) => a - b);
        const sum = cold.reduce((total, count) => total + count, 0);
        expect(like(sum / 10_399_402, all)).toBe(all);
        expect(like(shares[500], median)).toBe(median);
        expect(like(shares.filter((share) => share >= 0.999).length / 1000, alwaysCold)).toBe(
          alwaysCold,
        );
      },
    );
  },
);

/** A share with as many digits as the published one. */
function like(share: number, published: string): string {
  return share.toFixed(published.length - 1).replace(/^0/, "");
}
