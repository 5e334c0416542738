import { expect, test } from "vitest";
import { compareRuns, compareTwo } from "../../src/report/dataset.js";
import { formatCell } from "../../src/report/format-cell.js";
import { renderPage } from "../../src/report/page.js";
import { makeReport, type Report } from "../../src/report/report.js";
import { reportJson } from "../../src/report/report-data.js";
import { reportRows } from "./report-rows.js";
import { functionRow, GIB, reportedRun, reportedStudy, sourcesOf } from "./samples.js";

const study = () => makeReport(compareRuns(sourcesOf(reportedStudy())));

function tableOf(report: Report, id: string) {
  const { table } = report.sections.find((section) => section.id === id)!;
  return table.rows.map((row) =>
    Object.fromEntries(row.map((cell, at) => [table.columns[at].name, cell])),
  );
}

const cell = (row: ReturnType<typeof tableOf>[number], name: string) => row[name];

test("a configuration is the mean over its seeds: 5 and 6 cold of 100 are 5.5 / 100", () => {
  const row = tableOf(study(), "summary").find(
    ({ policy, memory }) => policy === "sock" && memory === GIB,
  )!;
  const cold = cell(row, "coldRatio") as { value: number; low: number; high: number };
  expect(cell(row, "seeds")).toBe(2);
  expect(cold.value).toBeCloseTo(5.5 / 100, 12);
  // t(0.975, 1) = 12.7062; deviation sqrt(0.5) / 100; over sqrt(2): 6.3531 / 100
  expect(cold.high - cold.value).toBeCloseTo(6.3531 / 100, 5);
});

test("the best of a memory size is marked, and no row is marked if all are equal", () => {
  const rows = tableOf(study(), "summary").filter(({ memory }) => memory === GIB);
  const marks = (name: string) => rows.map((row) => (cell(row, name) as { mark?: string }).mark);
  expect(rows.map(({ policy }) => policy)).toEqual(["openwhisk", "sock"]);
  expect(marks("coldRatio")).toEqual([undefined, "best"]); // the difference is 36 for both seeds
  expect(marks("startupMeanUs")).toEqual([undefined, undefined]);
});

test("a difference that the seeds do not settle is a tie", () => {
  const cold = [
    [5, 15],
    [9, 10],
  ];
  const results = cold.flatMap((ofSeeds, policy) =>
    ofSeeds.map((count, at) => {
      const run = reportedRun({ preset: `p${policy}`, seed: at + 1 });
      return { ...run, invocations: { ...run.invocations, cold: count, warm: 84 - count } };
    }),
  );
  // The means are 10 and 9.5. The differences are -4 and 5, so the interval around 0.5 contains 0.
  const rows = tableOf(makeReport(compareRuns(sourcesOf(results))), "summary");
  const marks = rows.map((row) => (cell(row, "coldRatio") as { mark?: string }).mark);
  expect(marks).toEqual([undefined, undefined]);
});

test("two that are not told apart, but both from a third, are marked as tied", () => {
  const cold = { a: [5, 15], b: [9, 10], c: [40, 51] };
  const results = Object.entries(cold).flatMap(([preset, counts]) =>
    counts.map((count, at) => {
      const run = reportedRun({ preset, seed: at + 1 });
      return { ...run, invocations: { ...run.invocations, cold: count, warm: 84 - count } };
    }),
  );
  // c minus b is 31 and 41: mean 36, reach 12.706 x 7.07 / sqrt(2) = 63.5, not told apart with two
  // seeds; c minus a is 35 and 36: mean 35.5, reach 6.35.
  const rank = (changed: typeof cold.c) => {
    const changes = results.map((result) =>
      result.run.policy.preset === "c"
        ? {
            ...result,
            invocations: { ...result.invocations, cold: changed[result.run.seed - 1] },
          }
        : result,
    );
    const rows = tableOf(makeReport(compareRuns(sourcesOf(changes))), "summary");
    return rows.map((row) => (cell(row, "coldRatio") as { mark?: string }).mark);
  };
  expect(rank([40, 51])).toEqual([undefined, undefined, undefined]);
  // c minus b is 31 and 31.
  expect(rank([40, 41])).toEqual(["tied", "tied", undefined]);
});

test("a policy that loses 1.1 % takes no part: no star, no frontier, and the page states it first", () => {
  const results = reportedStudy().map((result) => {
    const { invocations, run } = result;
    if (run.policy.preset !== "sock" || run.memoryBytes !== GIB) return result;
    const lost = { total: 1000, completed: 989, timedOut: 11, warm: invocations.warm + 889 };
    return { ...result, invocations: { ...invocations, ...lost } };
  });
  const report = makeReport(compareRuns(sourcesOf(results)));
  const rows = tableOf(report, "summary").filter(({ memory }) => memory === GIB);
  const marks = (name: string) => rows.map((row) => (cell(row, name) as { mark?: string }).mark);
  expect(marks("coldRatio")).toEqual([undefined, undefined]);
  expect(marks("lostRatio")).toEqual([undefined, "bad"]);
  const cost = tableOf(report, "cost").filter(({ memory }) => memory === GIB);
  expect(cost.find(({ policy }) => policy === "sock")).toMatchObject({ frontier: "no" });
  expect(report.losses[0]).toContain("1 of 4 configurations lost more than 1.00 %");
  expect(report.losses[1]).toContain("1 GiB: sock lost 1.10 % (1.10 % timed out)");
  const page = renderPage(report);
  expect(page.indexOf("Lost invocations")).toBeLessThan(page.indexOf("<main>"));
  expect(makeReport(compareRuns(sourcesOf(results), { maxLost: 0.02 })).losses).toEqual([]);
});

test("what was short is said of a run that is named, rows that lost too much are grey, and so is their part of a curve", () => {
  const lost = { total: 100, completed: 90, timedOut: 10 };
  const results = reportedStudy().map((result) => {
    const { invocations, run } = result;
    if (run.policy.preset !== "sock" || run.memoryBytes !== GIB) return result;
    const text = `short for ${run.seed} min`;
    const warnings = [{ code: "overloaded", text, count: 1 }];
    return { ...result, warnings, invocations: { ...invocations, ...lost } };
  });
  const report = makeReport(compareRuns(sourcesOf(results)));
  expect(report.losses[1]).toContain(
    "; sock with seed 1, one of 2 runs with this warning: short for 1 min)",
  );
  const summary = report.sections.find(({ id }) => id === "summary")!;
  expect(summary.table.rows[1].slice(0, 2)).toEqual(["sock", GIB]);
  expect([...summary.table.lostRows!]).toEqual([1]);
  const curves = report.sections.find(({ id }) => id === "memory-curve")!.figures;
  const cold = curves.find(({ id }) => id === "curve-coldRatio")!.chart;
  // Sizes are 1 and 2 GiB. On a log axis the middle between them is sqrt(2) GiB.
  const bands = cold.kind === "lines" ? cold.options.bands : undefined;
  expect(bands).toEqual([{ from: GIB, to: Math.SQRT2 * GIB, texts: ["hollow: not compared"] }]);
});

test("no other configuration beats one on the frontier in both costs", () => {
  const rows = tableOf(study(), "cost");
  const number = (cell: unknown) => (cell as { value: number }).value;
  // All startups are equal, so the least waste beats the rest.
  const waste = rows.map((row) => number(cell(row, "wastedByteSeconds")));
  const onFrontier = rows.filter(({ frontier }) => frontier === "yes");
  expect(onFrontier).toHaveLength(1);
  expect(number(cell(onFrontier[0], "wastedByteSeconds"))).toBe(Math.min(...waste));
});

test("the parts of the mean startup sum to it", () => {
  for (const { startupMeanUs, policy, ...parts } of tableOf(study(), "phases")) {
    const sum = Object.values(parts).reduce((all: number, part) => all + (part as number), 0);
    expect(sum, String(policy)).toBeGreaterThanOrEqual((startupMeanUs as number) * (1 - 1e-9));
  }
});

test("shares of starts sum to 1", () => {
  for (const { policy, memory, seeds, ...kinds } of tableOf(study(), "start-kinds")) {
    const sum = Object.values(kinds).reduce<number>(
      (all, kind) => all + (kind as { value: number }).value,
      0,
    );
    expect(sum, `${policy} ${memory} ${seeds}`).toBeCloseTo(1, 12);
  }
});

test("every cell of every table is one line of the CSV and one value of the JSON", () => {
  const report = study();
  const [, ...lines] = reportRows(report);
  const cells = report.sections.flatMap(({ table }) => table.rows.flat());
  expect(lines).toHaveLength(cells.length);
  const json = JSON.parse(reportJson(report));
  const values = json.tables.flatMap((table: { rows: object[] }) =>
    table.rows.flatMap((row) => Object.values(row)),
  );
  expect(values).toEqual(cells);
});

test("the page shows part of a long table and says so, and the CSV has the whole table", () => {
  const functions = Array.from({ length: 2000 }, (_, i) =>
    functionRow(`f${i}`, { warm: 2000 - i, cold: 0 }, { p50: 0, p99: 0 }),
  );
  const report = makeReport(compareRuns(sourcesOf([reportedRun({}, { functions })])));
  const page = renderPage(report);
  expect(page).toContain("The 400 busiest of 2000 functions");
  expect(page).toContain(">f399<");
  expect(page).not.toContain(">f400<");
  expect(reportRows(report).some((line) => line.includes("f1999"))).toBe(true);
});

test("names from a trace stay text on the page", () => {
  const name = `</script><img src=x onerror="alert(1)">`;
  const functions = [functionRow(name, { warm: 1, cold: 0 }, { p50: 0, p99: 0 })];
  const page = renderPage(makeReport(compareRuns(sourcesOf([reportedRun({}, { functions })]))));
  expect(page).not.toContain("<img");
  expect(page).toContain("&lt;/script&gt;&lt;img src=x");
});

test("the same results give the same page", () => {
  expect(renderPage(study())).toBe(renderPage(study()));
});

test("results of different traces are refused, and so is an empty list", () => {
  const other = reportedRun({ trace: "traces/tiny" });
  const sources = sourcesOf([reportedRun(), other]);
  expect(() => compareRuns(sources)).toThrow(/traces\/demo and .* of traces\/tiny/);
  expect(() => compareTwo(sources)).toThrow("of one trace");
  expect(() => compareRuns([])).toThrow("no results");
  expect(() => compareTwo(sourcesOf([reportedRun()]))).toThrow("1 results, expected two");
});

test("two results of one configuration and seed that differ are refused, not averaged", () => {
  const [a, b] = [reportedRun(), reportedRun()];
  const changed = { ...b, run: { ...b.run, digest: "other" } };
  expect(() => compareRuns(sourcesOf([a, changed]))).toThrow("differ");
  expect(compareRuns(sourcesOf([a, b])).configurations).toHaveLength(1);
});

test("differences that make runs hard to compare are warnings of the report", () => {
  const doubts = (...results: ReturnType<typeof reportedRun>[]) =>
    compareRuns(sourcesOf(results)).warnings.join("\n");
  const base = reportedRun();
  expect(doubts(base)).toBe("");
  expect(doubts(base, reportedRun({ minutes: 5 }))).toContain("differ in minutes (all, 5)");
  expect(doubts(base, reportedRun({ preset: "p", commit: "b" }))).toContain("different versions");
  expect(doubts(reportedRun({ commit: "b-dirty" }))).toContain("1 of 1 runs");
  expect(doubts(base, reportedRun({ preset: "p", seed: 2 }))).toContain("different seeds");
  const elsewhere = reportedRun({ preset: "p", memoryBytes: null });
  expect(doubts(base, elsewhere)).toContain("2 combinations");
  const longer = reportedRun({ preset: "p" });
  const more = { ...longer, invocations: { ...longer.invocations, total: 103 } };
  expect(doubts(base, more)).toContain("the trace changed");
});

test("runs of different work do not compete: there is no best and no frontier", () => {
  const better = reportedRun({ minutes: 5 }, { timesUs: reportedRun().timesUs });
  const fewer = { ...better, invocations: { ...better.invocations, cold: 0, warm: 84 } };
  const report = makeReport(compareRuns(sourcesOf([reportedRun(), fewer])));
  const marks = tableOf(report, "summary").map(
    (row) => (cell(row, "coldRatio") as { mark?: string }).mark,
  );
  expect(marks).toEqual([undefined, undefined]);
  expect(tableOf(report, "cost").map(({ frontier }) => frontier)).toEqual(["no", "no"]);
});

test("details are of the middle memory size, or of the one that the caller names", () => {
  const detailed = (memory?: number | null) =>
    compareRuns(sourcesOf(reportedStudy()), { memoryBytes: memory }).details.map(
      ({ result }) => result.run.memoryBytes,
    );
  expect(detailed()).toEqual([GIB, GIB]);
  expect(detailed(2 * GIB)).toEqual([2 * GIB, 2 * GIB]);
  expect(() => detailed(3 * GIB)).toThrow("3 GiB: no run has it, expected one of 1 GiB, 2 GiB");
});

test("a difference is B minus A: 4 and 6 cold of 100 are 2 / 100, half of A", () => {
  const [a, b] = [reportedRun(), reportedRun({ preset: "openwhisk", memoryBytes: null })];
  const more = { ...b, invocations: { ...b.invocations, cold: 6, warm: 78 } };
  const rows = tableOf(makeReport(compareTwo(sourcesOf([a, more]))), "difference");
  const cold = rows.find(({ measure }) => measure === "cold")!;
  expect((cell(cold, "difference") as { value: number }).value).toBeCloseTo(2 / 100, 12);
  expect(cell(cold, "relative")).toBeCloseTo(0.5, 12);
});

test("an estimate shows half its interval in the unit of its mean", () => {
  expect(formatCell({ value: 12_300, low: 11_800, high: 12_800 }, "microseconds")).toBe(
    "12.3 ± 0.5 ms",
  );
  expect(formatCell({ value: 0.467, low: 0.4663, high: 0.4677 }, "ratio")).toBe("46.7 ± 0.07 %");
  expect(formatCell({ value: 5e12, low: null, high: null }, "byte-seconds")).toBe("5,000 GB·s");
  expect(formatCell(null, "ratio")).toBe("-");
});

test("a printed interval contains 0 if and only if the real one does", () => {
  const lead = (value: number, half: number) =>
    formatCell({ value, low: value - half, high: value + half }, "microseconds");
  // Three and two digits would be 1.96 ± 2, which contains 0, and 2.04 ± 2, which excludes it.
  expect(lead(1960, 1952)).toBe("1.96 ± 1.95 ms");
  expect(lead(2035, 2040)).toBe("2.035 ± 2.04 ms");
  expect(lead(2015, 1000)).toBe("2.02 ± 1 ms");
  for (let value = 1000; value < 3000; value += 7) {
    for (const half of [value - 1, value, value + 1, 0.97 * value, 1.03 * value]) {
      const [mean, , reach] = lead(value, half).split(" ").map(Number);
      expect(reach < mean, `${value} ± ${half}`).toBe(half < value);
    }
  }
});

test("a finding names the best policy, its lead with the interval, and the next one", () => {
  // sock has 36 cold starts fewer with both seeds; wasted memory is the same for both policies.
  const report = study();
  const finding = report.findings.find((text) => text.startsWith("Least idle memory"))!;
  expect(finding).toBe("Least idle memory: not decided at 1 GiB and 2 GiB.");
  const results = reportedStudy().map((result) => {
    const { timesUs, run } = result;
    const mean = run.policy.preset === "sock" ? 1000 : 3000 + 10 * run.seed;
    return { ...result, timesUs: { ...timesUs, startup: { ...timesUs.startup, mean } } };
  });
  // Differences of 2010 and 2020 us: mean 2015, reach 12.706 x 7.07 / sqrt(2) = 63.5.
  expect(makeReport(compareRuns(sourcesOf(results))).findings[0]).toBe(
    "Lowest mean startup: sock at 1 GiB and 2 GiB (1 ± 0 ms, 2.02 ± 0.064 ms less than openwhisk at 1 GiB).",
  );
});

test("the value of a lead is that of the policy that is named first, and an uncertain one is named apart", () => {
  const startups = {
    ...{ noisy: [4470, 14_470, 24_470], b: [4490, 4500, 4510] },
    ...{ near: [4475, 4479, 4483], a: [4470, 4480, 4490] },
  };
  const results = Object.entries(startups).flatMap(([preset, values]) =>
    values.map((mean, at) => {
      const { timesUs, ...run } = reportedRun({ preset, seed: at + 1 });
      return { ...run, timesUs: { ...timesUs, startup: { ...timesUs.startup, mean } } };
    }),
  );
  const report = makeReport(compareRuns(sourcesOf(results)));
  // near - a is 5, -1, -7: mean -1. b - near is 15, 21, 27: mean 21, reach 4.303 x 6 / sqrt(3) = 14.9.
  expect(report.findings[0]).toMatch(
    /^Lowest mean startup: near and a at 1 GiB \(near has 4\.48 ± 0\.0099 ms, 21 ± 15 us less than b\); too uncertain to rank: noisy \(14\.5 ± 25 ms\) at 1 GiB\.$/,
  );
  const marks = tableOf(report, "summary").map(
    (row) => (cell(row, "startupMeanUs") as { mark?: string }).mark,
  );
  expect(marks).toEqual([undefined, undefined, "tied", "tied"]);
});

test("one seed decides nothing, and the finding says why", () => {
  const runs = [reportedRun(), reportedRun({ preset: "openwhisk" })];
  const { findings } = makeReport(compareRuns(sourcesOf(runs)));
  expect(findings[0]).toBe(
    "Lowest mean startup: not decided at 1 GiB, because one seed has no interval.",
  );
});

test("policies with equal digests for every seed are named", () => {
  const runs = ["a", "b", "c"].flatMap((preset) =>
    [1, 2].map((seed) => {
      const run = reportedRun({ preset, seed });
      const digest = preset === "c" ? run.run.digest : `same ${seed}`;
      return { ...run, run: { ...run.run, digest } };
    }),
  );
  expect(makeReport(compareRuns(sourcesOf(runs))).findings).toContain(
    "Same decisions: a and b at 1 GiB.",
  );
});

test("each policy is shown with the policies of its families and their parameters", () => {
  const [row] = tableOf(study(), "policies");
  expect(row).toMatchObject({ policy: "openwhisk", keepAlive: "fixed: keep unlimited" });
});

test("policies and sizes are in the order of the results, and the first policy is the first row", () => {
  const policies = tableOf(study(), "summary").map(({ policy }) => policy);
  expect(policies).toEqual(["openwhisk", "sock", "openwhisk", "sock"]);
  const turned = makeReport(compareRuns(sourcesOf(reportedStudy().reverse())));
  expect(tableOf(turned, "summary").map(({ policy }) => policy)).toEqual([
    ...["sock", "openwhisk"],
    ...["sock", "openwhisk"],
  ]);
});

test("what has nothing to show is left out, and the page says so", () => {
  const runs = reportedStudy().map((result) => ({ ...result, zygotes: [], warnings: [] }));
  const report = makeReport(compareRuns(sourcesOf(runs)));
  const ids = report.sections.map(({ id }) => id);
  expect(ids).not.toContain("zygotes");
  expect(ids).not.toContain("warnings");
  expect(renderPage(report)).toContain(
    "Left out, because there is nothing to show: the Zygote tree",
  );
});

test("a startup curve is the share that took longer: 20 of 100 more than 0, 5 more than 1 ms", () => {
  const { chart } = study().sections.find(({ id }) => id === "startup-distribution")!.figures[0];
  const [line] = chart.kind === "lines" ? chart.data : [];
  expect(line.points.map(({ x, y }) => [x, y])).toEqual([
    [1000, 0.2],
    [1000, 0.05],
    [1_234_500, 0.05], // 0 has no place on a log axis
  ]);
});
