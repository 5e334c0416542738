import { describe, expect, test } from "vitest";
import { makeFidelity } from "../../../src/lab/validate/make-fidelity.js";
import {
  BOUNDS,
  formatLimit,
  readBounds,
  verdictOf,
} from "../../../src/results/fidelity-bounds.js";
import { fidelitySchema } from "../../../src/results/fidelity-result.js";
import { renderFidelity } from "../../../src/results/fidelity-text.js";
import { SAMPLE_ASKED, samplePolicy, sampleRun } from "./samples.js";

describe("bounds on the command line", () => {
  test("are percent, points or counts; a bound that is not named keeps its default, and `off` removes a bound", () => {
    const bounds = readBounds(["p50=5%", "start-kinds=3pp", "ranking=1", "p99=off"]);
    const limits = Object.fromEntries(bounds.map(({ name, limit }) => [name, limit]));
    expect(limits).toEqual({ "start-kinds": 0.03, p50: 0.05, p90: 0.15, memory: 0.1, ranking: 1 });
  });

  for (const text of ["p51=5%", "p50=5", "p50=-5%", "p50=", "p50", "ranking=x", "start-kinds=2%"]) {
    test(`${text} is refused, and the error names --bound`, () => {
      expect(() => readBounds([text])).toThrow(/^--bound/);
    });
  }

  test("every default is read as itself when it is written as text", () => {
    const texts = BOUNDS.map(({ name, limit, unit }) => `${name}=${formatLimit(limit, unit)}`);
    expect(readBounds(texts)).toEqual(BOUNDS);
  });
});

test("equal runs are within every bound, and the object matches its schema", () => {
  const policies = [samplePolicy("a"), samplePolicy("b")];
  const fidelity = makeFidelity(SAMPLE_ASKED, policies, BOUNDS);
  expect(fidelity.isWithin).toBe(true);
  expect(fidelity.bounds.map(({ value }) => value)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(fidelitySchema.parse(JSON.parse(JSON.stringify(fidelity)))).toEqual(fidelity);
  expect(renderFidelity(fidelity)).toContain("within the bounds");
});

test("a bound names the worst policy, and has the error between real runs as its noise", () => {
  const slow = sampleRun({ startupUs: 1200 });
  const noisy = [sampleRun({ startupUs: 1000 }), sampleRun({ startupUs: 1250 })];
  const fidelity = makeFidelity(
    SAMPLE_ASKED,
    [samplePolicy("a"), samplePolicy("b", { real: noisy, drawn: noisy, same: noisy, sim: [slow] })],
    BOUNDS,
  );
  const p50 = fidelity.bounds.find(({ name }) => name === "p50")!;
  // 1200 is 20 % from 1000 and 4 % from 1250; these are 25 % and 20 % from each other
  expect(p50).toMatchObject({ policy: "b", isMet: false });
  expect(p50.value).toBeCloseTo((0.2 + 0.04) / 2, 12);
  expect(p50.noise).toBeCloseTo((0.25 + 0.2) / 2, 12);
  expect(verdictOf(p50)).toBe("miss, and so do real runs"); // 22.5 % from each other, over 10 %
  expect(verdictOf({ ...p50, noise: 0.05 })).toBe("miss");
  expect(fidelity.isWithin).toBe(false);
});

test("with a journal that diverges, a validation is not within its bounds, even without bounds", () => {
  const divergence = { line: 7, recorded: "> run 1", replayed: "> run 2" };
  const odd = { ...sampleRun(), replay: { events: 1, operations: 1, divergence } };
  const fidelity = makeFidelity(SAMPLE_ASKED, [samplePolicy("a", { sim: [odd] })], []);
  expect(fidelity.isWithin).toBe(false);
  expect(renderFidelity(fidelity)).toContain('line 7: "> run 1" became "> run 2"');
});

test("with only one real run the noise is absent, not zero", () => {
  const one = [sampleRun()];
  const runs = samplePolicy("a", { real: one, drawn: one, same: one });
  const [policy] = makeFidelity(SAMPLE_ASKED, [runs], BOUNDS).policies;
  expect(policy.realConfusion).toBeNull();
  expect(policy.measures.every(({ realAgainstReal }) => realAgainstReal === null)).toBe(true);
});
