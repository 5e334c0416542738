import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ArrivalBatches } from "../../../src/contract/workload.js";
import { openTrace } from "../../../src/trace/formats/formats.js";
import { convertTrace } from "../../../src/trace/tools/convert.js";
import type { Trace } from "../../../src/trace/trace.js";
import { cutOf, DATA_ABSENT, DATA_FOLDER, listArrivals, optionsOf } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

const OWN = {
  "functions.csv":
    'function,app,trigger,memoryBytes,requirements\n"f,1",a,http,10,numpy==1.26.0 six==1.16.0\ng,b,timer,,\n',
  "invocations.csv": 'timeUs,function,durationUs\n1,g,5\n2,"f,1",6\n60000003,g,7\n',
};

describe("converting a trace to socklab's own tables", () => {
  it("keeps functions and arrivals as they are", async () => {
    const folder = makeFolder(OWN);
    const before = await openTrace(folder, cutOf());
    const out = join(folder, "deep", "out");
    const written = await convertTrace(before, out, optionsOf());
    expect(written).toEqual({ folder: out, functions: 2, invocations: 3 });
    const after = await openTrace(out, cutOf());
    expect(after.functions).toEqual(before.functions);
    expect(await listArrivals(after)).toEqual(await listArrivals(before));
  });

  it("writes only the part that the cut keeps, with each function's mean run time", async () => {
    const percentiles = "function,meanRunUs\nf,5\ng,6\n";
    const times = "timeUs,function\n1,f\n2,g\n60000001,g\n";
    const folder = makeFolder({ "functions.csv": percentiles, "invocations.csv": times });
    const out = join(folder, "out");
    const trace = await openTrace(folder, cutOf({ fromMinute: 1 }));
    await convertTrace(trace, out, optionsOf());
    expect(readFileSync(join(out, "invocations.csv"), "utf8")).toBe(
      "timeUs,function,durationUs\n1,g,6\n",
    );
    expect(readFileSync(join(out, "functions.csv"), "utf8")).toBe(
      "function,app,trigger,memoryBytes,meanRunUs\ng,g,unknown,,6\n",
    );
  });

  it("refuses a folder that exists", async () => {
    const folder = makeFolder(OWN);
    const trace = await openTrace(folder, cutOf());
    await expect(convertTrace(trace, folder, optionsOf())).rejects.toThrow(
      `${folder}: exists already`,
    );
  });

  it("leaves nothing behind if the arrivals fail", async () => {
    const folder = makeFolder(OWN);
    const trace = await openTrace(folder, cutOf());
    const failing: ArrivalBatches = {
      next: () => Promise.reject(new Error("the file ends early")),
    };
    const broken: Trace = { ...trace, arrivals: () => failing };
    const out = join(folder, "out");
    await expect(convertTrace(broken, out, optionsOf())).rejects.toThrow("the file ends early");
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(Object.keys(OWN).sort());
  });
});

describe.skipIf(DATA_ABSENT)("a real day converted (skipped: ../shared/data is absent)", () => {
  it("has the same arrivals, read back, as when it was placed", async () => {
    const path = join(DATA_FOLDER, "azure2019/vswarm250_d01");
    const day = await openTrace(
      path,
      cutOf({ minutes: 10, functions: 50, choice: "most-invoked" }),
    );
    const out = join(makeFolder({}), "out");
    await convertTrace(day, out, optionsOf());
    const after = await openTrace(out, cutOf());
    expect(await listArrivals(after)).toEqual(await listArrivals(day));
    expect(after.functions.map(({ memoryBytes }) => memoryBytes)).toEqual(
      day.functions.map(({ memoryBytes }) => memoryBytes),
    );
  });
});
