import { describe, expect, test } from "vitest";
import { makeBenchReport } from "../../src/report/bench/bench-report.js";
import { drawChart } from "../../src/report/charts/chart.js";
import { renderPage } from "../../src/report/page.js";
import { measured } from "../../src/results/measurements.js";
import { benched } from "./bench-samples.js";
import { reportRows } from "./report-rows.js";

const PAPER = { widthPx: 960, textPx: 11.5 };

describe("a report on benches", () => {
  const report = makeBenchReport([benched()]);

  test("has the ratios first, then a section for each metric", () => {
    expect(report.sections.map(({ title }) => title)).toEqual([
      "How many times better",
      "containers: create & run",
      "containers: containers a second",
    ]);
    expect(report.warnings).toEqual(["containers: gone failed: it broke"]);
  });

  test("draws a bar for each contender that was measured, on a log axis if they are far apart", () => {
    const drawn = drawChart(report.sections[1].figures[0].chart, PAPER);
    expect([...drawn.matchAll(/data-bar="(\w+)"/g)].map(([, name]) => name)).toEqual([
      "lean",
      "peer",
    ]);
    expect(drawn).toContain("create &amp; run (log scale)");
  });

  test("the length of a bar is its number of decades: 500 us on an axis from 100 us to 90 ms", () => {
    const drawn = drawChart(report.sections[1].figures[0].chart, PAPER);
    const lengths = [...drawn.matchAll(/width="([\d.]+)" fill/g)].map(([, width]) => Number(width));
    const [lean, peer] = lengths.slice(0, 2);
    expect(peer / lean).toBeCloseTo(Math.log10(90_000 / 100) / Math.log10(500 / 100), 1);
  });

  test("draws a line for each contender along the clients", () => {
    const drawn = drawChart(report.sections[2].figures[0].chart, PAPER);
    expect([...drawn.matchAll(/data-line="(\w+)"/g)].map(([, name]) => name)).toEqual([
      "lean",
      "peer",
    ]);
  });

  test("0 has its own place on a log axis of mounts, whose other values are one decade apart", () => {
    const rows = [0, 10, 100, 1000].map((at) =>
      measured({ contender: "c", does: "d", metric: "m", unit: "us", parameter: ["mounts", at] }, [
        10 + at,
      ]),
    );
    const { sections } = makeBenchReport([{ ...benched(), measurements: rows, ratios: [] }]);
    const drawn = drawChart(sections[1].figures.at(-1)!.chart, PAPER);
    const places = [...drawn.matchAll(/translate\(([\d.]+) [\d.]+\)" fill/g)].map(([, x]) =>
      Number(x),
    );
    const [a, b, c, d] = places.slice(-4) as [number, number, number, number]; // after the legend's
    expect(c - b).toBeCloseTo(d - c, 0);
    expect((b - a) / (c - b)).toBeCloseTo(Math.log10(4), 2); // 0 is drawn at a quarter of 10
    expect(drawn).toContain(">0</text>");
  });

  test("the page has the paper's ratio next to ours, 180, and the escaped text of what failed", () => {
    const page = renderPage(report);
    expect(page).toContain('<td data-value="180"');
    expect(page).toContain('<td data-value="18"');
    expect(page).toContain("failed: it broke");
    expect(page).toContain("what &lt;lean&gt; does");
  });

  test("every number is in the CSV, with its interval and unit", () => {
    expect(reportRows(report)).toContainEqual([
      "bench-0-0",
      "1",
      "p50",
      "microseconds",
      "500",
      "400",
      "600",
      "",
    ]);
  });

  test("results of two versions have a warning", () => {
    const { warnings } = makeBenchReport([benched("a"), benched("b")]);
    expect(warnings).toContain("The results come from more than one version of socklab.");
  });

  test("there is no report without results", () => {
    expect(() => makeBenchReport([])).toThrow(/no results/);
  });
});
