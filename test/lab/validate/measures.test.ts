import { expect, test } from "vitest";
import {
  agreementShare,
  cohensKappa,
  confusionOf,
  FATES,
} from "../../../src/lab/validate/confusion.js";
import { type ComparedRun, MEASURES } from "../../../src/lab/validate/measures.js";
import { splitStartup } from "../../../src/lab/validate/startup-split.js";
import { sampleRun } from "./samples.js";

function measure(name: string, run: ComparedRun, reference: ComparedRun): number | null {
  return MEASURES.find((each) => each.name === name)!.of(run, reference);
}

test("the distance of a run from itself is 0 in every measure", () => {
  const run = sampleRun();
  const errors = MEASURES.map(({ name }) => [name, measure(name, run, run) ?? 0]);
  expect(errors).toEqual(MEASURES.map(({ name }) => [name, 0]));
});

test("start kinds: 3 cold of 10 against 2 is 10 points, independent of which invocations these are", () => {
  const a = sampleRun({ startKinds: [5, 5, 5, 0, 0, 0, 0, 0, 0, 0] });
  const b = sampleRun({ startKinds: [0, 0, 0, 0, 0, 0, 0, 0, 5, 5] });
  expect(measure("startKinds", a, b)).toBeCloseTo(0.1, 12);
  expect(measure("disagreement", a, b)).toBeCloseTo(5 / 10, 12);
});

test("times are relative to the reference: 1500 us is 50 % from 1000, and 1000 is 33 % from 1500", () => {
  const [a, b] = [sampleRun({ startupUs: 1500 }), sampleRun({ startupUs: 1000 })];
  expect(measure("startupP50", a, b)).toBe(0.5);
  expect(measure("startupP50", b, a)).toBeCloseTo(1 / 3, 12);
});

test("against 0 the error counts microseconds: 7 us against 0 us is 7", () => {
  const [a, b] = [sampleRun({ startupUs: 7 }), sampleRun({ startupUs: 0 })];
  expect(measure("startupP50", a, b)).toBe(7);
});

test("memory by second: (|4 - 2| + |2 - 2|) / 4 is one half; the rest of a longer run does not count", () => {
  const a = sampleRun({ memoryBytes: [4, 2, 9] });
  const b = sampleRun({ memoryBytes: [2, 2] });
  expect(measure("memoryOverTime", a, b)).toBe(0.5);
});

test("a cache from which neither run evicted has no measure", () => {
  const run = sampleRun({ evictions: { install: [] } });
  expect(measure("installEvictions", run, run)).toBeNull();
});

test("the confusion matrix counts each invocation once, by both fates", () => {
  const a = sampleRun({ startKinds: [0, 5, -1] });
  const b = sampleRun({ startKinds: [0, 0, 5] });
  const matrix = confusionOf(a.log, b.log);
  const none = FATES.indexOf("none");
  expect([matrix[0][0], matrix[5][0], matrix[none][5]]).toEqual([1, 1, 1]);
  expect(matrix.flat().reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(agreementShare(matrix)).toBeCloseTo(1 / 3, 12);
});

test("kappa: 8 of 10 agree, and 0.5 x 0.5 + 0.5 x 0.5 would agree by chance: (0.8 - 0.5) / 0.5", () => {
  expect(
    cohensKappa([
      [4, 1],
      [1, 4],
    ]),
  ).toBeCloseTo(0.6, 12);
  expect(cohensKappa([[3]])).toBeNull();
});

test("the parts of a difference of means sum to it: shares 1/2 and 1/4, prices 100 and 120", () => {
  const none = { count: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0 };
  const kinds = (cold: number, coldUs: number, warm: number) => {
    const { result } = sampleRun();
    return {
      ...result,
      timesUs: { ...result.timesUs, startup: { ...none, count: cold + warm } },
      startupByKindUs: {
        ...{ warm: { ...none, count: warm }, cold: { ...none, count: cold, mean: coldUs } },
        ...{ resumed: none, delayedWarm: none, zygote: none, zygoteBuilt: none },
        rootZygote: none,
      },
    };
  };
  const split = splitStartup(kinds(2, 100, 2), kinds(1, 120, 3));
  // 0.5 x 100 - 0.25 x 120 = 20 = (0.5 - 0.25) x 110 + (100 - 120) x 0.375
  expect(split).toEqual({ differenceUs: 20, mixUs: 27.5, priceUs: -7.5 });
});
