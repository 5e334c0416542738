import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { measurePopularity } from "../../../src/trace/distributions/popularity.js";
import { openTrace } from "../../../src/trace/formats/formats.js";
import { describeTrace, formatTraceInfo } from "../../../src/trace/tools/info.js";
import { cutOf, DATA_ABSENT, DATA_FOLDER, optionsOf } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

describe("popularity", () => {
  it("is even if all functions are invoked equally often", () => {
    const even = measurePopularity(Float64Array.of(5, 5, 5, 5));
    expect(even).toMatchObject({ top1Share: 0.25, top10Share: 1, gini: 0 });
  });

  it("has a Gini of (n - 1) / n if one of n functions has all invocations", () => {
    expect(measurePopularity(Float64Array.of(0, 0, 9, 0)).gini).toBeCloseTo(3 / 4, 12);
  });

  it("finds the exponent of a Zipf law", () => {
    const counts = Float64Array.from({ length: 200 }, (_, rank) => 1e6 / (rank + 1) ** 1.3);
    const { zipf } = measurePopularity(counts);
    expect(zipf!.exponent).toBeCloseTo(1.3, 9);
    expect(zipf!.r2).toBeCloseTo(1, 9);
    expect(zipf!.ranks).toBe(100);
  });
});

describe("the description of a trace", () => {
  it("counts, and measures the gaps of each function", async () => {
    // f arrives at 0, 1, 2, 3 s: CV 0. g arrives at 0, 1, 4 s: gaps 1 and 3, mean 2, deviation 1:
    // CV 0.5.
    const seconds = [
      [0, "f"],
      [0, "g"],
      [1, "f"],
      [1, "g"],
      [2, "f"],
      [3, "f"],
      [4, "g"],
    ];
    const rows = seconds.map(([at, name]) => `${Number(at) * 1e6},${name},6000000\n`).join("");
    const folder = makeFolder({
      "functions.csv": "function,app,trigger,memoryBytes\nf,a,http,100\ng,a,timer,300\n",
      "invocations.csv": `timeUs,function,durationUs\n${rows}`,
    });
    const info = await describeTrace(await openTrace(folder, cutOf()), optionsOf());
    expect(info).toMatchObject({ functions: 2, apps: 1, invocations: 7, spanUs: 60_000_000 });
    expect(info.triggers).toEqual([
      { trigger: "http", functions: 1, invocations: 4 },
      { trigger: "timer", functions: 1, invocations: 3 },
    ]);
    expect(info.interArrivalCv.functions).toBe(2);
    expect(info.interArrivalCv.spread).toMatchObject({ p50: 0.25, max: 0.5 });
    expect(info.runUs.mean).toBe(6_000_000);
    expect(info.meanBusy).toBeCloseTo((7 * 6) / 60, 12);
    expect(info.memoryBytes).toMatchObject({ p50: 200, max: 300 });
  });

  it("says what is unknown, with one figure per line", async () => {
    const folder = makeFolder({ "t.csv": "app,func,end_timestamp,duration\na,f,1,1\n" });
    const info = await describeTrace(await openTrace(join(folder, "t.csv"), cutOf()), optionsOf());
    const text = formatTraceInfo(info);
    expect(text).toMatch(/^memory +unknown$/m);
    expect(text).toMatch(/^inter-arrival CV +no function with three arrivals$/m);
    expect(text).toMatch(/^run time +mean 1 s, 0.0167 busy on average$/m);
  });
});

describe.skipIf(DATA_ABSENT)("a real day described (skipped: ../shared/data is absent)", () => {
  it("is as skewed as published for Eunomia's sample, and as busy as its averages imply", async () => {
    const trace = await openTrace(join(DATA_FOLDER, "azure2019/eunomia400_d01"), cutOf());
    const info = await describeTrace(trace, optionsOf());
    expect(info.invocations).toBe(18_452_673);
    expect(info.popularity.gini).toBeCloseTo(0.988, 3);
    expect(info.popularity.topPercentShare).toBeCloseTo(0.859, 3);
    // The sum of invocations * Average, divided by the span, is 34.99. A few drawn means are
    // clamped.
    expect(info.meanBusy / 34.99).toBeGreaterThan(0.99);
    expect(info.meanBusy / 34.99).toBeLessThan(1.02);
  });
});
