import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTrace } from "../../../src/trace/formats/formats.js";
import { cutOf, listArrivals } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

const PERCENTILES = [0, 1, 25, 50, 75, 99, 100].map((p) => `percentile_Average_${p}`).join(",");
const DURATIONS = `HashOwner,HashApp,HashFunction,Average,${PERCENTILES}\no,a,f,1,1,1,1,1,1,1,1\n`;
const COUNTS = "HashOwner,HashApp,HashFunction,Trigger,1\no,a,f,http,2\n";
const OWN = {
  "functions.csv": "function\nf\ng\nh\n",
  "invocations.csv":
    "timeUs,function,durationUs\n1,f,1\n60000001,g,1\n60000003,g,1\n120000001,h,1\n180000000,f,1\n",
};

describe("opening a trace", () => {
  it("refuses a span of more than ten years, whose timeline alone would fill the memory", async () => {
    const invocations = "timeUs,function,durationUs\n0,f,1\n1e30,f,1\n";
    const folder = makeFolder({ ...OWN, "invocations.csv": invocations });
    await expect(openTrace(folder, cutOf())).rejects.toThrow(/spans .* years.*at most 10/);
    const slow = { ...cutOf(), speedup: 1e-7 };
    await expect(openTrace(makeFolder(OWN), slow)).rejects.toThrow(/years after --speedup/);
  });

  it("recognises each format by the content of the path", async () => {
    const found = await Promise.all(
      [
        makeFolder({
          "invocations_per_function_md.anon.d05.csv": COUNTS,
          "function_durations_percentiles.anon.d05.csv": DURATIONS,
          "app_memory_percentiles.anon.d05.csv": "HashApp,AverageAllocatedMb\na,1\n",
        }),
        join(makeFolder({ "x.csv": "app,func,end_timestamp,duration\na,f,1,1\n" }), "x.csv"),
        makeFolder({
          "invocations.csv": COUNTS,
          "durations.csv": DURATIONS,
          "memory.csv": "HashFunction,AverageAllocatedMb\nf,1\n",
        }),
        makeFolder(OWN),
      ].map(async (path) => (await openTrace(path, cutOf())).format),
    );
    expect(found).toEqual(["azure-2019", "azure-2021", "invitro", "socklab-csv"]);
  });

  it("uses the format that the argument names", async () => {
    const trace = await openTrace(`socklab-csv:${makeFolder(OWN)}`, cutOf());
    expect(trace.expectedInvocations).toBe(5);
  });

  it("lists the known formats if the one named is unknown or no format fits", async () => {
    const known = "azure-2019, azure2019-minutes, azure-2021, invitro, socklab-csv";
    await expect(openTrace("azur:x", cutOf())).rejects.toThrow(
      `azur:x: unknown trace format "azur", expected ${known}`,
    );
    const folder = makeFolder({ "readme.txt": "nothing" });
    await expect(openTrace(folder, cutOf())).rejects.toThrow(
      `${folder}: not a trace of a known format, expected one of: azure-2019 (`,
    );
    await expect(openTrace("/no/such", cutOf())).rejects.toThrow(
      "/no/such: no such file or folder",
    );
  });
});

describe("a cut", () => {
  it("keeps the minutes wanted, counted from 0, and the functions invoked in them", async () => {
    const trace = await openTrace(makeFolder(OWN), cutOf({ fromMinute: 1, minutes: 2 }));
    expect(trace.functions.map(({ name }) => name)).toEqual(["g", "h"]);
    expect(trace.spanUs).toBe(120_000_000);
    expect(await listArrivals(trace)).toMatchObject([
      { atUs: 1, name: "g" },
      { atUs: 3, name: "g" },
      { atUs: 60_000_001, name: "h" },
    ]);
  });

  it("divides arrival times by the speedup and does not change run times", async () => {
    const trace = await openTrace(makeFolder(OWN), cutOf({ fromMinute: 1, speedup: 2 }));
    expect(trace.spanUs).toBe((3 * 60_000_000) / 2);
    expect(await listArrivals(trace)).toEqual([
      { atUs: 0, name: "g", runUs: 1 },
      { atUs: 1, name: "g", runUs: 1 },
      { atUs: 30_000_000, name: "h", runUs: 1 },
      { atUs: 60_000_000, name: "f", runUs: 1 },
    ]);
  });

  it("keeps the busiest functions, or random ones that the seed determines", async () => {
    const folder = makeFolder(OWN);
    const busiest = await openTrace(folder, cutOf({ functions: 2, choice: "most-invoked" }));
    expect(busiest.functions.map(({ name }) => name)).toEqual(["f", "g"]);
    const random = async () => (await openTrace(folder, cutOf({ functions: 2 }))).functions;
    expect((await random()).length).toBe(2);
    expect(await random()).toEqual(await random());
  });

  it("is refused if it leaves no function or no minute", async () => {
    const folder = makeFolder(OWN);
    await expect(openTrace(folder, cutOf({ functions: 0 }))).rejects.toThrow(
      `${folder}: no function is left`,
    );
    await expect(openTrace(folder, cutOf({ fromMinute: 9 }))).rejects.toThrow(
      `${folder}: no minute is left: it has minutes 0 to 3, --from 9 --minutes all keeps none of them`,
    );
    const idle = makeFolder({
      ...OWN,
      "invocations.csv": "timeUs,function,durationUs\n99000000,f,1\n",
    });
    await expect(openTrace(idle, cutOf({ minutes: 1 }))).rejects.toThrow("no function is left");
  });
});
