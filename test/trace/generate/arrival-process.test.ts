import { describe, expect, it } from "vitest";
import { RandomStreams } from "../../../src/basics/random.js";
import {
  type ArrivalProcess,
  BurstyArrivals,
  GammaArrivals,
  PeriodicArrivals,
} from "../../../src/trace/generate/arrival-process.js";

const GAPS = 200_000;
const MEAN_US = 1_000_000;

function gapsOf(process: ArrivalProcess): Float64Array {
  const random = new RandomStreams(1).get("gaps");
  return Float64Array.from({ length: GAPS }, () => process.gapUs(random));
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function cvOf(values: Float64Array): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2))) / mean;
}

/**
 * Mean number of arrivals in a window, over many starts. A process in equilibrium has window /
 * mean.
 */
function meanArrivals(process: ArrivalProcess, windowUs: number, starts: number): number {
  const random = new RandomStreams(2).get("starts");
  let arrivals = 0;
  for (let start = 0; start < starts; start++) {
    for (let atUs = process.firstUs(random); atUs < windowUs; atUs += process.gapUs(random)) {
      arrivals++;
    }
  }
  return arrivals / starts;
}

const PROCESSES: readonly (readonly [string, ArrivalProcess, number])[] = [
  ["periodic", new PeriodicArrivals(MEAN_US), 0],
  ["gamma, CV 0.3", new GammaArrivals(MEAN_US, 0.3), 0.3],
  ["gamma, CV 1", new GammaArrivals(MEAN_US, 1), 1],
  ["bursty, CV 1.2", new BurstyArrivals(MEAN_US, 1.2, 30), 1.2],
  ["bursty, CV 4", new BurstyArrivals(MEAN_US, 4, 30), 4],
];

describe.each(PROCESSES)("%s arrivals", (_, process, cv) => {
  it("have the mean gap and the CV of their parameters", () => {
    const gaps = gapsOf(process);
    // Five standard errors of the mean, cv / sqrt(200,000), are allowed; for the heavy-tailed CV, 5
    // %.
    expect(Math.abs(meanOf(gaps) / MEAN_US - 1)).toBeLessThan(5 * (cv / Math.sqrt(GAPS)) + 1e-9);
    expect(Math.abs(cvOf(gaps) - cv)).toBeLessThan(0.05 * cv + 1e-9);
  });

  it("begin as if they had always been running: half a mean gap has half an arrival on average", () => {
    const expected = 0.5;
    expect(Math.abs(meanArrivals(process, expected * MEAN_US, 50_000) - expected)).toBeLessThan(
      0.04,
    );
  });
});
