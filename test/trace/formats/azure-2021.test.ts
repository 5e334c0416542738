import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RowArrivals, type RowPlan } from "../../../src/trace/arrivals/row-arrivals.js";
import { Azure2021Layout, azure2021 } from "../../../src/trace/formats/azure-2021.js";
import { cutOf, DATA_ABSENT, DATA_FOLDER, listArrivals, optionsOf } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

const HEADER = "app,func,end_timestamp,duration\n";

function fileOf(rows: string): string {
  return join(makeFolder({ "trace.csv": HEADER + rows }), "trace.csv");
}

/** A plan that runs the whole of a file with one function. */
function planOf(path: string): RowPlan {
  const everything = { fromUs: 0, toUs: Number.POSITIVE_INFINITY, speedup: 1 };
  const newIds = Int32Array.of(0);
  const meansUs = Float64Array.of(0);
  return {
    layout: new Azure2021Layout(path),
    newIds,
    meansUs,
    runTimes: [undefined],
    ...everything,
  };
}

describe("the invocations of Azure 2021", () => {
  it("start at their end minus their duration, in microseconds, and are sorted by start", async () => {
    const path = fileOf("a,f,3,0.5\na,g,4,3.9\nb,h,2.25,0\n");
    const trace = await azure2021.open(path, cutOf());
    expect(await listArrivals(trace)).toEqual([
      { atUs: 100_000, name: "g", runUs: 3_900_000 },
      { atUs: 2_250_000, name: "h", runUs: 0 },
      { atUs: 2_500_000, name: "f", runUs: 500_000 },
    ]);
  });

  it("belong to the function of their app, which has the app in its name if the name is not unique", async () => {
    const trace = await azure2021.open(fileOf("a,f,1,0\nb,f,2,0\na,f,3,0\n"), cutOf());
    expect(trace.functions).toMatchObject([
      { name: "a/f", app: "a", invocations: 2, memoryBytes: undefined, runTimes: undefined },
      { name: "b/f", app: "b", invocations: 1 },
    ]);
  });

  it("are refused at the line of one that would start before 0", async () => {
    const path = fileOf("a,f,1,0\na,f,1,1.5\n");
    const message = `${path}:3: end_timestamp 1 less duration 1.5 is negative`;
    await expect(azure2021.open(path, cutOf())).rejects.toThrow(message);
  });

  it("are refused at the line of a duration that is negative or not a number", async () => {
    const path = fileOf("a,f,1,0\na,f,1,-1\n");
    await expect(azure2021.open(path, cutOf())).rejects.toThrow(
      `${path}:3: column duration is "-1"`,
    );
    const other = fileOf("a,f,1,long\n");
    await expect(azure2021.open(other, cutOf())).rejects.toThrow(
      `${other}:2: column duration is "long"`,
    );
  });

  it("are refused if the file has no row", async () => {
    const path = fileOf("");
    await expect(azure2021.open(path, cutOf())).rejects.toThrow(`${path}:2: no row`);
  });

  it("have their functions' mean run time in mode mean, and 0 in mode zero", async () => {
    const trace = await azure2021.open(fileOf("a,f,1,0\na,f,9,3\n"), cutOf());
    const runsOf = async (runTimes: "mean" | "zero") =>
      (await listArrivals(trace, optionsOf({ runTimes }))).map(({ runUs }) => runUs);
    expect(await runsOf("mean")).toEqual([1_500_000, 1_500_000]);
    expect(await runsOf("zero")).toEqual([0, 0]);
  });

  it("may be out of order by as many rows as the buffer has, and are refused by line beyond that", async () => {
    // The buffer has 2 rows. The fourth row starts at 1 s, but the row of 2 s is already handed
    // out.
    const starts = ["2", "4", "6", "1"];
    const path = fileOf(starts.map((start) => `a,f,${start},0\n`).join(""));
    const plan = planOf(path);
    await expect(new RowArrivals(plan, optionsOf(), 2).next()).rejects.toThrow(
      `${path}:5: starts 3000000 us before a row more than 2 rows above it: sort the file by start time`,
    );
    const batch = await new RowArrivals(plan, optionsOf(), 4).next();
    expect([...batch!.atUs.subarray(0, batch!.count)]).toEqual([1e6, 2e6, 4e6, 6e6]);
  });

  it("come in batches of one size, for any number of them", async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => `a,f,${n},0\n`).join("");
    const source = (await azure2021.open(fileOf(rows), cutOf())).arrivals(optionsOf());
    const sizes: number[] = [];
    for (let batch = await source.next(); batch !== null; batch = await source.next()) {
      sizes.push(batch.count);
    }
    expect(sizes).toEqual([4_096, 4_096, 4_096, 4_096, 20_000 - 4 * 4_096]);
  });
});

describe.skipIf(DATA_ABSENT)("real heads of Azure 2021 (skipped: ../shared/data is absent)", () => {
  it("has 998 invocations of 49 functions in 21 apps, in order of their start", async () => {
    const name = "azure2021/sample998_AzureFunctionsInvocationTraceForTwoWeeksJan2021.csv";
    const trace = await azure2021.open(join(DATA_FOLDER, name), cutOf());
    const arrivals = await listArrivals(trace);
    expect(arrivals.length).toBe(998);
    expect(trace.expectedInvocations).toBe(998);
    expect(trace.functions.length).toBe(49);
    expect(new Set(trace.functions.map(({ app }) => app)).size).toBe(21);
    const instants = arrivals.map(({ atUs }) => atUs);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
  });
});
