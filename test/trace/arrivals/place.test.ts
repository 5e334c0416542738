import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomStreams } from "../../../src/basics/random.js";
import { US_PER_MINUTE } from "../../../src/basics/units.js";
import {
  type MinuteCounts,
  MinuteCountsBuilder,
} from "../../../src/trace/arrivals/minute-counts.js";
import { PlacedArrivals } from "../../../src/trace/arrivals/place.js";
import { ConstantRunTimes, PercentileRunTimes } from "../../../src/trace/arrivals/run-times.js";
import { PLACEMENTS, type Placement, type RunTimeMode } from "../../../src/trace/trace.js";

function countsOf(table: readonly (readonly number[])[]): MinuteCounts {
  const builder = new MinuteCountsBuilder(table[0].length);
  for (const row of table) {
    builder.beginFunction();
    row.forEach((count, minute) => {
      builder.add(minute, count);
    });
  }
  return builder.build();
}

interface Settings {
  readonly placement?: Placement;
  readonly runTimes?: RunTimeMode;
  readonly speedup?: number;
  readonly seed?: number;
}

function arrivalsOf(counts: MinuteCounts, settings: Settings = {}): PlacedArrivals {
  const runTimes = Array.from({ length: counts.functions }, () => new ConstantRunTimes(1_000));
  const streams = new RandomStreams(settings.seed ?? 1);
  const { placement = "poisson", runTimes: mode = "trace" } = settings;
  return new PlacedArrivals(counts, runTimes, settings.speedup ?? 1, {
    streams,
    placement,
    runTimes: mode,
  });
}

function listOf(source: PlacedArrivals): [atUs: number, id: number][] {
  const arrivals: [number, number][] = [];
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    for (let at = 0; at < batch.count; at++) arrivals.push([batch.atUs[at], batch.functionId[at]]);
  }
  return arrivals;
}

/** Standard deviation of the gaps between arrivals, divided by their mean. */
function gapCv(arrivals: readonly (readonly [number, number])[]): number {
  const gaps = arrivals.slice(1).map(([atUs], at) => atUs - arrivals[at][0]);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return Math.sqrt(variance) / mean;
}

const tables = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
  .chain(([minutes, functions]) => {
    const row = fc.array(fc.nat(30), { minLength: minutes, maxLength: minutes });
    return fc.array(row, { minLength: functions, maxLength: functions });
  });

describe("placing the invocations of a minute", () => {
  it("keeps every function's count of every minute, in time order, ties by function", () => {
    fc.assert(
      fc.property(
        tables,
        fc.constantFrom(...PLACEMENTS),
        fc.constantFrom(1, 2, 3, 1_000_000),
        fc.nat(),
        (table, placement, speedup, seed) => {
          const arrivals = listOf(arrivalsOf(countsOf(table), { placement, speedup, seed }));
          const placed = table.map((row) => row.map(() => 0));
          let before: [number, number] = [0, 0];
          for (const [atUs, id] of arrivals) {
            // Minute m begins at floor(60e6 * m / speedup). An arrival's minute is the last that
            // begins at or before it.
            const starts = table[0].map((_, minute) =>
              Math.floor((minute * US_PER_MINUTE) / speedup),
            );
            placed[id][starts.findLastIndex((start) => start <= atUs)]++;
            expect(Number.isInteger(atUs)).toBe(true);
            expect(atUs > before[0] || (atUs === before[0] && id >= before[1])).toBe(true);
            before = [atUs, id];
          }
          expect(placed).toEqual(table);
        },
      ),
    );
  });

  it("gives the same arrivals for the same seed and different ones for another seed", () => {
    const counts = countsOf([
      [50, 0, 20],
      [3, 9, 0],
    ]);
    for (const placement of PLACEMENTS) {
      const first = listOf(arrivalsOf(counts, { placement, seed: 7 }));
      expect(listOf(arrivalsOf(counts, { placement, seed: 7 }))).toEqual(first);
      expect(listOf(arrivalsOf(counts, { placement, seed: 8 }))).not.toEqual(first);
    }
  });

  it("gives the same instants with any run times", () => {
    const counts = countsOf([
      [50, 0, 20],
      [3, 9, 0],
    ]);
    const zero = listOf(arrivalsOf(counts, { runTimes: "zero" }));
    expect(listOf(arrivalsOf(counts, { runTimes: "trace" }))).toEqual(zero);
  });

  it("has gaps whose CV is 1 for poisson, 1/sqrt(3) for uniform and 0 for equidistant", () => {
    // Exponential gaps: 1. Gaps uniform in (0, 1]: sqrt(1/12) / (1/2) = 0.577. Equal gaps: 0.
    const counts = countsOf([Array.from({ length: 20 }, () => 3_000)]);
    const cv = (placement: Placement) => gapCv(listOf(arrivalsOf(counts, { placement })));
    expect(cv("poisson")).toBeCloseTo(1, 1);
    expect(cv("uniform")).toBeCloseTo(1 / Math.sqrt(3), 1);
    expect(cv("equidistant")).toBeCloseTo(0, 3);
  });

  it("gives each function its own phase when equidistant", () => {
    const arrivals = listOf(
      arrivalsOf(
        countsOf([
          [1, 1],
          [1, 1],
          [1, 1],
        ]),
        { placement: "equidistant" },
      ),
    );
    const phases = new Set(arrivals.map(([atUs]) => atUs % US_PER_MINUTE));
    expect(phases.size).toBe(3);
  });

  it("makes one batch per minute that has arrivals, with the arrivals of that minute only", () => {
    const source = arrivalsOf(countsOf([[4, 0, 100, 0, 2]]));
    const sizes: number[] = [];
    for (let batch = source.next(); batch !== null; batch = source.next()) sizes.push(batch.count);
    expect(sizes).toEqual([4, 100, 2]);
  });

  it("draws, averages or leaves out run times by mode", () => {
    const counts = countsOf([[2_000]]);
    const runTimes = [new PercentileRunTimes([10, 10, 20, 20, 20, 30, 40], 18.4)];
    const runsOf = (mode: RunTimeMode) => {
      const options = {
        streams: new RandomStreams(1),
        placement: "poisson",
        runTimes: mode,
      } as const;
      const batch = new PlacedArrivals(counts, runTimes, 1, options).next()!;
      return [...batch.runUs.subarray(0, batch.count)];
    };
    expect(new Set(runsOf("zero"))).toEqual(new Set([0]));
    expect(new Set(runsOf("mean"))).toEqual(new Set([18]));
    const drawn = runsOf("trace");
    expect(drawn.reduce((sum, runUs) => sum + runUs, 0) / drawn.length).toBeCloseTo(18.4, 0);
  });
});
