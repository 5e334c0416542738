import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { COLD, WARM, ZYGOTE } from "../../src/contract/observer.js";
import { makeFidelity } from "../../src/lab/validate/make-fidelity.js";
import { makeFidelityReport } from "../../src/report/fidelity-report.js";
import { renderPage } from "../../src/report/page.js";
import type { Report } from "../../src/report/report.js";
import { BOUNDS } from "../../src/results/fidelity-bounds.js";
import { temporaryFolder } from "../cli/run-cli.js";
import { SAMPLE_ASKED, samplePolicy, sampleRun } from "../lab/validate/samples.js";
import { NO_BROWSER, openBrowser } from "./browser.js";

/**
 * Two policies. The simulator starts one invocation of sock in a different way, with half the
 * startup time.
 */
const REPORT: Report = makeFidelityReport(
  makeFidelity(
    SAMPLE_ASKED,
    [
      samplePolicy("sock", {
        sim: [
          sampleRun({
            startKinds: [WARM, ZYGOTE, WARM, WARM, WARM, WARM, WARM, WARM, COLD, WARM],
            startupUs: 1500,
          }),
        ],
      }),
      samplePolicy("faascache"),
    ],
    BOUNDS,
  ),
);

function tableOf(id: string) {
  const { columns, rows } = REPORT.sections.find((section) => section.id === id)!.table;
  return rows.map((row) => Object.fromEntries(row.map((cell, at) => [columns[at].name, cell])));
}

test("a broken bound is shown with its limit, its value and the policy", () => {
  const rows = tableOf("bounds");
  expect(rows.find(({ bound }) => bound === "startup p50")).toMatchObject({
    limit: { value: 0.1 },
    value: { value: 0.5 },
    noise: { value: 0 },
    policy: "sock",
    verdict: { text: "miss", mark: "bad" },
  });
  expect(rows.find(({ bound }) => bound === "memory mean")).toMatchObject({
    verdict: { text: "pass", mark: "good" },
  });
});

test("the page begins with the verdict: which bounds are missed, and by which policy", () => {
  expect(REPORT.verdict).toMatchObject({ isGood: false });
  expect(REPORT.verdict!.text).toMatch(/\d of \d bounds are missed: .*startup p50 \(sock\)/);
  const page = renderPage(REPORT);
  expect(page.indexOf("bounds are missed")).toBeLessThan(page.indexOf("<main>"));
});

test("a policy whose simulated startup is 1.5 times the real one is above the line of equal values", () => {
  const { figures } = REPORT.sections.find(({ id }) => id === "scatter")!;
  const { chart } = figures.find(({ id }) => id === "scatter-times")!;
  const points = (label: string) => {
    const lines = chart.kind === "lines" ? chart.data : [];
    return lines.find((line) => line.label === label)!.points;
  };
  for (const { x, y } of points("sock")) expect(y / x).toBeCloseTo(1.5, 1);
  for (const { x, y } of points("faascache")) expect(y).toBeCloseTo(x, 6);
});

test("a column without any value is left out", () => {
  const one = [sampleRun()];
  const runs = samplePolicy("sock", { real: one, drawn: one, same: one });
  const fidelity = makeFidelity({ ...SAMPLE_ASKED, repeats: 1 }, [runs], BOUNDS);
  const { table } = makeFidelityReport(fidelity).sections.find(({ id }) => id === "bounds")!;
  expect(table.columns.map(({ name }) => name)).not.toContain("noise");
  expect(table.rows.every((row) => row.length === table.columns.length)).toBe(true);
});

test("the confusion table has each pair's invocations once: one that is cold in the real run is warm here", () => {
  const rows = tableOf("confusion").filter(
    ({ policy, pair }) => policy === "sock" && pair === "simulated against real",
  );
  expect(rows.map(({ kind }) => kind)).toEqual(["warm", "zygote", "cold"]);
  expect(rows[0]).toMatchObject({ warm: 7, cold: 1 });
  const all = rows.flatMap((row) => Object.values(row).filter((cell) => typeof cell === "number"));
  expect(all.reduce((sum, count) => sum + count, 0)).toBe(10);
});

test("one real run of each policy is a warning that the page states first", () => {
  const one = [sampleRun()];
  const runs = samplePolicy("sock", { real: one, drawn: one, same: one });
  const fidelity = makeFidelity({ ...SAMPLE_ASKED, repeats: 1 }, [runs], BOUNDS);
  expect(makeFidelityReport(fidelity).warnings).toHaveLength(1);
  expect(REPORT.warnings).toEqual([]);
});

describe.skipIf(NO_BROWSER)(`in Chromium${NO_BROWSER ? ` (skipped: ${NO_BROWSER})` : ""}`, () => {
  for (const width of [390, 1280]) {
    test(`at ${width} px every section shows its drawings and numbers, and no element is wider than the page`, async () => {
      const file = join(await temporaryFolder(), "fidelity.html");
      await writeFile(file, renderPage(REPORT));
      const context = await openBrowser({ width });
      const page = await context.newPage();
      const messages: string[] = [];
      page.on("console", (message) => messages.push(message.text()));
      page.on("pageerror", (error) => messages.push(error.message));
      await page.goto(pathToFileURL(file).href);
      for (const { id, title, figures, table } of REPORT.sections) {
        const section = page.locator(`section#${id}`);
        expect(await section.locator("h2").textContent()).toBe(title);
        expect(await section.locator(".wide > svg").count(), id).toBe(figures.length);
        expect(await section.locator("tbody tr").count(), id).toBe(table.rows.length);
      }
      const size = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect([size <= width, messages]).toEqual([true, []]);
    });
  }
});
