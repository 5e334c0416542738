import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { quantile } from "d3-array";
import { describe, expect, it } from "vitest";
import { RandomStreams } from "../../../src/basics/random.js";
import { openTrace } from "../../../src/trace/formats/formats.js";
import { generateTrace, writeGeneratedCatalogue } from "../../../src/trace/generate/generate.js";
import {
  completeGenerateOptions,
  GENERATE_OPTIONS,
  type GenerateOptions,
} from "../../../src/trace/generate/generate-options.js";
import { planFunctions } from "../../../src/trace/generate/plan-functions.js";
import { readCatalogue } from "../../../src/trace/packages/catalogue.js";
import { joinPackages } from "../../../src/trace/packages/join.js";
import { cutOf, listArrivals } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

const SHIPPED = resolve(import.meta.dirname, "../../../traces");
const TINY = completeGenerateOptions({
  functions: 12,
  minutes: 30,
  packages: 60,
  popularityMu: 8.5,
  popularitySigma: 1.5,
  topShare: 0.4,
});
const DEMO = completeGenerateOptions({ functions: 72, minutes: 300, topShare: 0.4 });
const FIDELITY = completeGenerateOptions({
  ...{ functions: 40, minutes: 15, packages: 60, popularityMu: 8.1, popularitySigma: 0.9 },
  ...{ topShare: 0.15, runMu: 4.8, runSigma: 0.8, runMaxMs: 2000, memoryScaleMb: 60 },
  ...{ directMu: 0.7, directSigma: 0.5 },
});
const HELD_OUT = completeGenerateOptions({
  ...{ functions: 52, minutes: 12, packages: 70, popularityMu: 7.8, popularitySigma: 1.3 },
  ...{ topShare: 0.2, periodicShare: 0.2, burstyShare: 0.3, poissonShare: 0.3, burstSpeed: 8 },
  ...{ runMu: 5.2, runSigma: 0.6, runMaxMs: 1500, memoryScaleMb: 50 },
  ...{ directMu: 0.6, directSigma: 0.6 },
});

async function generated(options: GenerateOptions, seed: number, gzip = false): Promise<string> {
  const folder = join(makeFolder({}), "made");
  await generateTrace(folder, options, new RandomStreams(seed), { gzip });
  return folder;
}

/** Text of each file of a folder, unpacked. */
function textsOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => {
      const bytes = readFileSync(join(folder, name));
      return [name, (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")];
    }),
  );
}

describe("generated workloads", () => {
  it("equal what traces/ ships, byte for byte, when made by the commands in its README", async () => {
    expect(textsOf(await generated(TINY, 1))).toEqual(textsOf(join(SHIPPED, "tiny")));
    expect(textsOf(await generated(DEMO, 32, true))).toEqual(textsOf(join(SHIPPED, "demo")));
    expect(textsOf(await generated(FIDELITY, 9))).toEqual(textsOf(join(SHIPPED, "fidelity")));
    const heldOut = textsOf(join(SHIPPED, "fidelity-held-out"));
    expect(textsOf(await generated(HELD_OUT, 106))).toEqual(heldOut);
    const readme = readFileSync(join(SHIPPED, "README.md"), "utf8");
    for (const folder of ["tiny", "demo", "fidelity", "fidelity-held-out"]) {
      const catalogue = Object.entries(textsOf(join(SHIPPED, folder))).find(([name]) =>
        name.startsWith("catalogue"),
      )![1];
      const flags = /"command":"socklab trace generate (.*) --seed (\d+)"/.exec(catalogue)!;
      expect(readme).toContain(`traces/${folder} ${flags[1]}`);
      expect(readme).toContain(`--seed ${flags[2]}\``);
    }
  });

  it("come with a catalogue that can be made alone, as in traces/", async () => {
    const path = join(makeFolder({}), "catalogue.json.gz");
    await writeGeneratedCatalogue(path, completeGenerateOptions({}), new RandomStreams(1));
    const shipped = gunzipSync(readFileSync(join(SHIPPED, "catalogue.json.gz")));
    expect(gunzipSync(readFileSync(path)).equals(shipped)).toBe(true);
  });

  it("differ with the seed", async () => {
    const [one, two] = [await generated(TINY, 1), await generated(TINY, 2)].map(textsOf);
    for (const name of Object.keys(one)) expect(one[name]).not.toBe(two[name]);
  });

  it("are read back and joined with their own catalogue", async () => {
    const folder = join(SHIPPED, "tiny");
    const trace = await openTrace(folder, cutOf());
    const catalogue = await readCatalogue(join(folder, "catalogue.json"));
    const workload = joinPackages(trace, catalogue, new RandomStreams(1), {
      placement: "poisson",
      runTimes: "trace",
      interpreterBytes: 4 * 1024 ** 2,
    });
    expect(workload.functions).toHaveLength(12);
    expect(workload.functions.every(({ requirements }) => requirements.size > 0)).toBe(true);
    const arrivals = await listArrivals(trace);
    const times = arrivals.map(({ atUs }) => atUs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[times.length - 1]).toBeLessThan(30 * 60e6);
  });

  it("are refused if the path exists already, and leave nothing behind", async () => {
    const folder = await generated(TINY, 1);
    const again = generateTrace(folder, TINY, new RandomStreams(1), { gzip: false });
    await expect(again).rejects.toThrow(`${folder}: exists already`);
    expect(readdirSync(dirname(folder))).toEqual(["made"]);
  });
});

describe("the options", () => {
  it("each have a description, a unit and a default within their bounds", () => {
    for (const { description, unit, default: usual, min, max } of Object.values(GENERATE_OPTIONS)) {
      expect(description.length).toBeGreaterThan(8);
      expect(unit.length).toBeGreaterThan(0);
      expect(usual).toBeGreaterThanOrEqual(min);
      expect(usual).toBeLessThanOrEqual(max);
    }
  });

  it.each([
    [{ functions: 0 }, "--functions is 0, expected an integer from 1"],
    [{ minutes: 1.5 }, "--minutes is 1.5, expected an integer"],
    [{ topShare: Number.NaN }, "--top-share is NaN, expected a number from 0 to 1"],
    [{ periodicShare: 0.9 }, "--periodic-share 0.9, --bursty-share 0.36"],
  ])("refuse %o in one line that names the option", (given, message) => {
    expect(() => completeGenerateOptions(given)).toThrow(message);
  });
});

describe("planned functions", () => {
  const planned = planFunctions(
    completeGenerateOptions({ functions: 30_000, topShare: 1 }),
    new RandomStreams(1),
  );
  const apps = new Map<string, number[]>();
  for (const { app, perDay } of planned) apps.set(app, [...(apps.get(app) ?? []), perDay]);

  it("have the published mean run times: p25 125, p50 670, p75 3120, p90 16555 ms within 15 %", () => {
    const meansMs = planned.map(({ runTimes }) => runTimes.meanUs / 1_000);
    for (const [probability, published] of [
      [0.25, 125],
      [0.5, 670],
      [0.75, 3_120],
      [0.9, 16_555],
    ]) {
      const found = quantile(meansMs, probability)!;
      expect(Math.abs(found / published - 1), `${probability}: ${found}`).toBeLessThan(0.15);
    }
  });

  it("have a median p99 / p50 of 3.3 within a function, and 9.7 in a quarter of them", () => {
    const ratios = planned
      .filter(({ runTimes }) => runTimes.meanUs > 10_000 && runTimes.meanUs < 10_000_000)
      .map(({ runTimes }) => runTimes.quantileUs(0.99) / runTimes.quantileUs(0.5));
    expect(quantile(ratios, 0.5)).toBeCloseTo(3.3, 1);
    expect(
      ratios.filter((ratio) => Math.abs(ratio - 9.7) < 0.1).length / ratios.length,
    ).toBeCloseTo(0.25, 1);
  });

  it("have invocations per application as published: p50 288, p75 1415, p90 8573 within a factor of 1.5", () => {
    const totals = [...apps.values()].map((perDay) => perDay.reduce((sum, each) => sum + each, 0));
    for (const [probability, published] of [
      [0.5, 288],
      [0.75, 1_415],
      [0.9, 8_573],
    ]) {
      const found = quantile(totals, probability)!;
      expect(Math.abs(Math.log(found / published)), `${probability}: ${found}`).toBeLessThan(
        Math.log(1.5),
      );
    }
  });

  it("are in applications as published: 50.3 % with one function, 22.0 % with two, mean 2.73", () => {
    const sizes = [...apps.values()].map(({ length }) => length);
    const share = (size: number) => sizes.filter((each) => each === size).length / sizes.length;
    expect(share(1)).toBeCloseTo(0.503, 1);
    expect(share(2)).toBeCloseTo(0.22, 1);
    // The published tail, k^-2.62 up to 298, has a mean a little above the sample's.
    expect(Math.abs(planned.length / apps.size - 2.73)).toBeLessThan(0.5);
  });

  it("have the published triggers: 37 % http, 29 % timer, 18 % queue", () => {
    const share = (trigger: string) =>
      planned.filter((each) => each.trigger === trigger).length / planned.length;
    expect(share("http")).toBeCloseTo(0.37, 1);
    expect(share("timer")).toBeCloseTo(0.29, 1);
    expect(share("queue")).toBeCloseTo(0.18, 1);
  });

  it("give no application more than the top share", () => {
    const capped = planFunctions(
      completeGenerateOptions({ functions: 2_000, topShare: 0.1 }),
      new RandomStreams(1),
    );
    const totals = new Map<string, number>();
    for (const { app, perDay } of capped) totals.set(app, (totals.get(app) ?? 0) + perDay);
    const sum = [...totals.values()].reduce((all, each) => all + each, 0);
    expect(Math.max(...totals.values()) / sum).toBeCloseTo(0.1, 9);
  });
});
