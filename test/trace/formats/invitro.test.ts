import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BYTES_PER_MIB, US_PER_MINUTE } from "../../../src/basics/units.js";
import { invitro } from "../../../src/trace/formats/invitro.js";
import { cutOf } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

const PERCENTILES = [0, 1, 25, 50, 75, 99, 100].map((p) => `percentile_Average_${p}`).join(",");
const TABLES = {
  "invocations.csv":
    "HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,3,0\no,a,g,queue,0,4\no,b,h,http,1,1\n",
  "durations.csv":
    `HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,${PERCENTILES}\n` +
    "o,a,g,20,3,1,90,10,10,20,20,20,30,40\no,a,f,5,3,1,9,1,1,5,5,5,9,9\no,b,h,5,3,1,9,1,1,5,5,5,9,9\n",
  "memory.csv":
    "HashOwner,HashApp,HashFunction,SampleCount,AverageAllocatedMb\no,a,f,1,120.0\no,a,g,1,64\n",
};

describe("an InVitro sample", () => {
  it("joins its three tables by function, and its memory is that of one function", async () => {
    const trace = await invitro.open(makeFolder(TABLES), cutOf());
    expect(trace.functions).toMatchObject([
      { name: "f", app: "a", trigger: "http", memoryBytes: 120 * BYTES_PER_MIB, invocations: 3 },
      { name: "g", app: "a", trigger: "queue", memoryBytes: 64 * BYTES_PER_MIB, invocations: 4 },
    ]);
    expect(trace.functions.map(({ runTimes }) => runTimes?.meanUs)).toEqual([5_000, 20_000]);
    expect(trace.spanUs).toBe(2 * US_PER_MINUTE);
  });

  it("may lack triggers", async () => {
    const invocations = "HashFunction,HashApp,HashOwner,1\nf,a,o,2\n";
    const folder = makeFolder({ ...TABLES, "invocations.csv": invocations });
    const trace = await invitro.open(folder, cutOf());
    expect(trace.functions).toMatchObject([{ name: "f", trigger: "unknown", invocations: 2 }]);
  });

  it("says which column of which table is missing", async () => {
    const folder = makeFolder({ ...TABLES, "memory.csv": "HashFunction,Mb\nf,1\n" });
    await expect(invitro.open(folder, cutOf())).rejects.toThrow(
      `${join(folder, "memory.csv")}:1: column AverageAllocatedMb is missing, the header has HashFunction,Mb`,
    );
  });
});
