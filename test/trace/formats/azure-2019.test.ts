import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BYTES_PER_MIB, US_PER_MINUTE } from "../../../src/basics/units.js";
import { azure2019 } from "../../../src/trace/formats/azure-2019.js";
import { cutOf, DATA_ABSENT, DATA_FOLDER, listArrivals, optionsOf } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

const INVOCATIONS = "invocations_per_function_md.anon.d01.csv";
const DURATIONS = "function_durations_percentiles.anon.d01.csv";
const MEMORY = "app_memory_percentiles.anon.d01.csv";

const PERCENTILES = [0, 1, 25, 50, 75, 99, 100].map((p) => `percentile_Average_${p}`).join(",");
const DURATIONS_HEADER = `HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,${PERCENTILES}`;

/** Three functions of app a, of which h has no durations, and one of app b, which has no memory. */
const TABLES: Readonly<Record<string, string>> = {
  [INVOCATIONS]:
    "HashOwner,HashApp,HashFunction,Trigger,480,481,482\n" +
    "o,a,f,http,1,0,2\no,a,g,timer,0,3,0\no,a,h,queue,5,5,5\no,b,i,http,7,7,7\n",
  [DURATIONS]:
    `${DURATIONS_HEADER}\n` +
    "o,a,f,20,3,1,90,10,10,20,20,20,30,40\no,a,g,0,3,0,5,0,0,0,0,0,2,5\no,b,i,1,1,1,1,1,1,1,1,1,1,1\n",
  [MEMORY]: "HashOwner,HashApp,SampleCount,AverageAllocatedMb\no,a,10,200\no,a,12,999\no,c,1,50\n",
};

describe("a day of Azure 2019", () => {
  it("inner-joins its tables, and divides an app's first memory row over the functions that remain", async () => {
    const trace = await azure2019.open(makeFolder(TABLES), cutOf());
    expect(trace.functions).toMatchObject([
      { name: "f", app: "a", trigger: "http", memoryBytes: 100 * BYTES_PER_MIB, invocations: 3 },
      { name: "g", app: "a", trigger: "timer", memoryBytes: 100 * BYTES_PER_MIB, invocations: 3 },
    ]);
    expect(trace.expectedInvocations).toBe(6);
  });

  it("reads any minute columns, the first of them being minute 0", async () => {
    const trace = await azure2019.open(makeFolder(TABLES), cutOf());
    expect(trace.spanUs).toBe(3 * US_PER_MINUTE);
    const arrivals = await listArrivals(trace);
    const minutes = arrivals.map(({ atUs, name }) => `${name}${Math.floor(atUs / US_PER_MINUTE)}`);
    expect(minutes.sort()).toEqual(["f0", "f2", "f2", "g1", "g1", "g1"]);
  });

  it("keeps a function whose Average is 0, and turns ms to us", async () => {
    const trace = await azure2019.open(makeFolder(TABLES), cutOf());
    expect(trace.functions.map(({ runTimes }) => runTimes?.meanUs)).toEqual([20_000, 0]);
    expect(trace.functions[1].runTimes?.quantileUs(0.99)).toBe(2_000);
  });

  it("is the same from gzip files", async () => {
    const packed = Object.entries(TABLES).map(([name, text]) => [`${name}.gz`, text]);
    const plain = await listArrivals(await azure2019.open(makeFolder(TABLES), cutOf()));
    const trace = await azure2019.open(makeFolder(Object.fromEntries(packed)), cutOf());
    expect(await listArrivals(trace)).toEqual(plain);
  });

  it("counts the first row of a repeated function", async () => {
    const twice = { ...TABLES, [INVOCATIONS]: `${TABLES[INVOCATIONS]}o,a,f,http,9,9,9\n` };
    const trace = await azure2019.open(makeFolder(twice), cutOf());
    expect(trace.expectedInvocations).toBe(6);
  });

  it("names a function by its owner and app too if its hash is not unique", async () => {
    const same = {
      ...TABLES,
      [DURATIONS]: `${TABLES[DURATIONS]}p,c,f,1,1,1,1,1,1,1,1,1,1,1\n`,
      [INVOCATIONS]: `${TABLES[INVOCATIONS]}p,c,f,http,1,1,1\n`,
    };
    const trace = await azure2019.open(makeFolder(same), cutOf());
    expect(trace.functions.map(({ name }) => name)).toEqual(["o/a/f", "g", "p/c/f"]);
  });

  it("asks for a day if the folder contains several, and accepts it by its table", async () => {
    const other = INVOCATIONS.replace("d01", "d02");
    const folder = makeFolder({ ...TABLES, [other]: TABLES[INVOCATIONS] });
    await expect(azure2019.open(folder, cutOf())).rejects.toThrow(
      `${folder}: contains several days (d01, d02), name one as in ${join(folder, INVOCATIONS)}`,
    );
    const trace = await azure2019.open(join(folder, INVOCATIONS), cutOf());
    expect(trace.functions.length).toBe(2);
  });

  it.each([
    [DURATIONS, "o,a,f,20,3,1,90,10,-10,20,20,20,30,40", 2, 'percentile_Average_1 is "-10"'],
    [DURATIONS, "o,a,f,x,3,1,90,10,10,20,20,20,30,40", 2, 'Average is "x"'],
    [MEMORY, "o,a,10,lots", 2, 'AverageAllocatedMb is "lots"'],
    [INVOCATIONS, "o,a,f,http,1,1.5,2", 2, "column 481 is 1.5, expected a whole number"],
  ])("names file and line of a bad cell in %s", async (name, row, line, problem) => {
    const header = TABLES[name].split("\n")[0];
    const folder = makeFolder({ ...TABLES, [name]: `${header}\n${row}\n` });
    const error = await azure2019.open(folder, cutOf()).catch((caught: Error) => caught);
    expect(error).toMatchObject({ name: "InputError" });
    expect((error as Error).message).toContain(`${join(folder, name)}:${line}: `);
    expect((error as Error).message).toContain(problem);
  });

  it("says which table is missing", async () => {
    const { [MEMORY]: _, ...rest } = TABLES;
    const folder = makeFolder(rest);
    const message = `${join(folder, MEMORY)}: no such file`;
    await expect(azure2019.open(folder, cutOf())).rejects.toThrow(message);
  });

  it("refuses a header without a minute column", async () => {
    const folder = makeFolder({
      ...TABLES,
      [INVOCATIONS]: "HashOwner,HashApp,HashFunction,Trigger\no,a,f,http\n",
    });
    const message = `${join(folder, INVOCATIONS)}:1: no minute column in the header`;
    await expect(azure2019.open(folder, cutOf())).rejects.toThrow(message);
  });
});

describe.skipIf(DATA_ABSENT)(
  "real samples of Azure 2019 (skipped: ../shared/data is absent)",
  () => {
    it("has 400 functions and 18,452,673 invocations in Eunomia's day", async () => {
      const trace = await azure2019.open(join(DATA_FOLDER, "azure2019/eunomia400_d01"), cutOf());
      expect(trace.functions.length).toBe(400);
      expect(trace.expectedInvocations).toBe(18_452_673);
      const arrivals = trace.arrivals(optionsOf({ runTimes: "zero" }));
      let total = 0;
      let largest = 0;
      for (let batch = await arrivals.next(); batch !== null; batch = await arrivals.next()) {
        total += batch.count;
        largest = Math.max(largest, batch.count);
      }
      expect(total).toBe(18_452_673);
      // One minute's arrivals are in memory at a time. The busiest minute has 1.9 times the mean of
      // 12,814.
      expect(largest).toBeLessThan(2 * 12_814);
    });

    it("has 250 functions and 324,209 invocations in vSwarm's 150 minutes", async () => {
      const trace = await azure2019.open(join(DATA_FOLDER, "azure2019/vswarm250_d01"), cutOf());
      expect(trace.functions.length).toBe(250);
      expect(trace.expectedInvocations).toBe(324_209);
      expect(trace.spanUs).toBe(150 * US_PER_MINUTE);
    });
  },
);
