import { expect, test } from "vitest";
import { groupConfigurations } from "../../src/results/configurations.js";
import { METRICS } from "../../src/results/metrics.js";
import type { Result } from "../../src/results/result.js";
import { formatInterval, renderStudy } from "../../src/results/study-text.js";
import { sampleResult } from "./samples.js";

const GIB = 1024 ** 3;

test("a study shows a mean and its interval per configuration, then differences at equal memory", () => {
  const configurations = groupConfigurations([
    ...[1, 2, 3].map((seed) => resultOf("lru", seed, 1, 10_000 + 1000 * seed)),
    ...[1, 2, 3].map((seed) =>
      resultOf("sock", seed, 1, 9_000 + 1000 * seed + (seed === 1 ? 10 : 0)),
    ),
    ...[1, 2].map((seed) => resultOf("sock", seed, 2, 500)),
  ]);
  const lines = renderStudy(configurations).trimEnd().split("\n");
  expect(lines[0]).toContain("Means are over different seeds");
  // 11, 12, 13 ms: deviation 1 ms, reach 4.303 x 1 / sqrt(3) = 2.48 ms
  expect(lines[3]).toMatch(/^ {2}lru +1 GiB +3 .* 12 ms ± 2\.48 ms /);
  expect(lines[5]).toMatch(/^ {2}sock +2 GiB +2 .* 500 us ± 0 /);
  expect(lines[6]).toContain("shares are of all invocations that arrived");
  // -990, -1000, -1000 us: mean -996.67, deviation 5.77, reach 14.3. The sock with 2 GiB has no
  // partner.
  expect(lines.slice(8)).toHaveLength(3);
  expect(lines[9]).toMatch(/^ {2}sock +1 GiB +3 .* -997 us ± 14\.3 us \*/);
  expect(lines[10]).toMatch(/^\* .* excludes 0$/);
});

test("a study in which a policy lost 3 % says so first, marks its rows, and does not subtract them", () => {
  const lossy = [1, 2].map((seed) => {
    const result = resultOf("lru", seed, 1, 1000);
    const lost = { total: 100, completed: 97, timedOut: 2, rejected: 1 };
    return { ...result, invocations: { ...result.invocations, ...lost } };
  });
  const sound = [1, 2].map((seed) => resultOf("sock", seed, 1, 9000));
  const text = renderStudy(groupConfigurations([...lossy, ...sound]));
  const lines = text.split("\n");
  expect(lines[0]).toMatch(/^warning: overloaded: 1 of 2 configurations lost more than 1\.00 %/);
  expect(lines[1]).toBe("  1 GiB: lru lost 3.00 % (2.00 % timed out, 1.00 % were rejected).");
  expect(text).toMatch(/^! lru +1 GiB +2 +3\.00 ± 0\.00 % /m);
  expect(text).toContain("1 of 1 differences are left out: one of the two lost too much");
  expect(text).not.toContain("less lru");
  expect(renderStudy(groupConfigurations([...lossy, ...sound]), { maxLost: 0.03 })).toContain(
    "less lru",
  );
});

test("runs with other costs or packages are not subtracted, and the table says which setting differs", () => {
  const [a, b] = ["default", "other.json"].map((costs) => {
    const result = resultOf("lru", 1, 1, 1000);
    return {
      ...result,
      run: { ...result.run, digest: costs, options: { ...result.run.options, costs } },
    };
  });
  const text = renderStudy(groupConfigurations([a, b]));
  expect(text).toContain("warning: The runs differ in costs (default, other.json)");
  expect(text).toContain("1 of 1 differences are left out: their costs differ");
});

test("one policy has no differences, one seed has no interval, and a missing number is a dash", () => {
  const result = resultOf("lru", 1, 1, 2000);
  const nothing = { ...result, invocations: { ...result.invocations, total: 0 } };
  const text = renderStudy(groupConfigurations([nothing]));
  expect(text.trimEnd().split("\n")).toHaveLength(3);
  expect(text).not.toContain("±");
  expect(text).toMatch(/ 1 +- +- +- +2 ms /);
});

test("bootstrap intervals are written with both bounds", () => {
  const results = [1, 2, 3].map((seed) => resultOf("lru", seed, 1, 1000 * seed));
  expect(renderStudy(groupConfigurations(results), { method: "bootstrap" })).toContain(
    "2 ms [1 ms, 3 ms]",
  );
});

function resultOf(preset: string, seed: number, gibibytes: number, startupUs: number): Result {
  const result = sampleResult();
  const { policy } = result.run;
  const complete = { total: 100, completed: 100, failed: 0, timedOut: 0, rejected: 0 };
  return {
    ...result,
    invocations: { ...result.invocations, ...complete },
    run: { ...result.run, policy: { ...policy, preset }, seed, memoryBytes: gibibytes * GIB },
    timesUs: { ...result.timesUs, startup: { ...result.timesUs.startup, mean: startupUs } },
  };
}

test("an interval that excludes 0 excludes it in print: means of 0.0041 % and halves of 0.0039 % are not both 0.00", () => {
  const ratio = METRICS.find(({ unit }) => unit === "ratio")!;
  const time = METRICS.find(({ unit }) => unit === "microseconds")!;
  const interval = (mean: number, half: number) => ({
    mean,
    deviation: half,
    low: mean - half,
    high: mean + half,
    count: 3,
  });
  expect(formatInterval(interval(41e-6, 39e-6), ratio, "t")).toBe("0.0041 ± 0.0039 %");
  expect(formatInterval(interval(-10_040, 10_010), time, "t")).toBe("-10.04 ms ± 10.01 ms");
  expect(formatInterval(interval(41e-6, 39e-6), ratio, "bootstrap")).toBe(
    "0.0041 [0.0002, 0.0080] %",
  );
  // those that contain it keep their digits
  expect(formatInterval(interval(39e-6, 41e-6), ratio, "t")).toBe("0.00 ± 0.00 %");
});

test("a study says which packages functions have and which costs were used, each once", () => {
  const inputs = {
    catalogue: { kind: "invented" as const, name: "c.json: words", isShipped: true, drawnFor: 57 },
    costs: { name: "mine.json", isShipped: false },
  };
  const results = ["lru", "sock"].map((preset) => {
    const result = resultOf(preset, 1, 1, 1000);
    return { ...result, run: { ...result.run, inputs } };
  });
  const text = renderStudy(groupConfigurations(results));
  expect(text).toContain(
    "\npackages: invented (c.json of socklab), drawn for 57 functions because the trace names none; --packages none leaves them out\ncosts: mine.json\n",
  );
});
