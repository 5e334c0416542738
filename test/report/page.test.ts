import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { compareRuns } from "../../src/report/dataset.js";
import { renderPage } from "../../src/report/page.js";
import { makeReport, type Report } from "../../src/report/report.js";
import { temporaryFolder } from "../cli/run-cli.js";
import { NO_BROWSER, openBrowser } from "./browser.js";
import { reportRows } from "./report-rows.js";
import { GIB, reportedRun, reportedStudy, sourcesOf } from "./samples.js";

const REPORT: Report = makeReport(compareRuns(sourcesOf(reportedStudy())), ["a doubt"]);

/** The page of the sample report, with its console messages and its requests. */
async function openPage(width: number, colorScheme: "light" | "dark" = "light") {
  const file = join(await temporaryFolder(), "report.html");
  await writeFile(file, renderPage(REPORT));
  const context = await openBrowser({ width, colorScheme });
  const page = await context.newPage();
  const messages: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  const url = pathToFileURL(file).href;
  await page.goto(url);
  return { page, url, messages, requests: requests.filter((asked) => !asked.startsWith("data:")) };
}

function columnOf(page: Page, table: string, column: number): Promise<string[]> {
  return page.$$eval(
    `table[data-table="${table}"] tbody tr:not([hidden]) td:nth-child(${column})`,
    (cells) => cells.map((cell) => cell.getAttribute("data-value") ?? cell.textContent ?? ""),
  );
}

describe.skipIf(NO_BROWSER)(`in Chromium${NO_BROWSER ? ` (skipped: ${NO_BROWSER})` : ""}`, () => {
  test("the page requests only itself, and logs no error", async () => {
    const { page, url, messages, requests } = await openPage(1280);
    await page.hover("section#start-kinds .wide rect.area");
    expect([messages, requests]).toEqual([[], [url]]);
  });

  test("every section has its heading, and has a drawing or numbers", async () => {
    const { page } = await openPage(1280);
    const ids = await page.$$eval("main > section", (all) => all.map(({ id }) => id));
    expect(ids).toEqual(REPORT.sections.map(({ id }) => id));
    for (const { id, title, figures, table } of REPORT.sections) {
      const section = page.locator(`section#${id}`);
      expect(await section.locator("h2").textContent()).toBe(title);
      expect(await section.locator(".wide > svg").count(), id).toBe(figures.length);
      expect(await section.locator("tbody tr").count(), id).toBe(table.rows.length);
    }
    expect(await page.locator(".warnings").textContent()).toContain("a doubt");
  });

  test("the tables have the same cells as the CSV", async () => {
    const { page } = await openPage(1280);
    const shown = await page.$$eval("table", (tables) =>
      tables.flatMap((table) => {
        const names = [...table.querySelectorAll("th")].map((head) =>
          head.getAttribute("data-column"),
        );
        return [...table.tBodies[0]!.rows].flatMap((row, at) =>
          [...row.cells].map((cell, column) => [
            table.getAttribute("data-table"),
            String(at + 1),
            names[column]!,
            cell.getAttribute("data-value") ?? (cell.textContent === "-" ? "" : cell.textContent),
          ]),
        );
      }),
    );
    const [, ...lines] = reportRows(REPORT);
    const written = lines.map(([table, row, column, , value]) => [table, row, column, value]);
    expect(shown).toEqual(written);
  });

  test("a click on a heading sorts by number, a second one the other way", async () => {
    const { page } = await openPage(1280);
    const head = page.locator(
      'table[data-table="functions"] th[data-column="invocations"] [role=button]',
    );
    await head.click();
    expect((await columnOf(page, "functions", 2)).map(Number)).toEqual([2, 100]);
    await head.click();
    expect((await columnOf(page, "functions", 2)).map(Number)).toEqual([100, 2]);
  });

  test("the filter leaves the rows that contain its text, in upper or lower case", async () => {
    const { page } = await openPage(1280);
    await page.fill('input[data-filter="functions"]', "RARE");
    expect(await columnOf(page, "functions", 1)).toEqual(["rare"]);
    expect(await page.locator('output[data-shown="functions"]').textContent()).toBe("1 of 2 rows");
  });

  test("a pointer over a mark shows its value", async () => {
    const { page } = await openPage(1280);
    await page.hover('[data-figure="heat-startupMeanUs"] .wide [data-row="sock"] rect.cell');
    const tip = page.locator("#tip:not([hidden])");
    expect(await tip.textContent()).toBe("sock at 1 GiB: 1.23 ± 0 ms");
  });

  test("a series that is switched off disappears from every drawing, and comes back", async () => {
    const { page } = await openPage(1280);
    const lines = page.locator('.wide [data-line="sock"] >> visible=true');
    const before = await lines.count();
    const box = page.getByRole("checkbox", { name: "sock" });
    await box.focus();
    await page.keyboard.press("Space");
    expect([before > 0, await lines.count()]).toEqual([true, 0]);
    expect(
      await page.locator('.wide [data-line="openwhisk"] >> visible=true').count(),
    ).toBeGreaterThan(0);
    await page.keyboard.press("Space");
    expect(await lines.count()).toBe(before);
  });

  test("the reader chooses the metric of the heat map; without scripts one is shown", async () => {
    const { page } = await openPage(1280);
    const shown = () =>
      page.$$eval("section#heat-map figure:not([hidden])", (all) =>
        all.map((each) => each.getAttribute("data-figure")),
      );
    expect(await shown()).toEqual(["heat-startupMeanUs"]);
    await page.selectOption('select[data-choice="heat-map"]', "heat-coldRatio");
    expect(await shown()).toEqual(["heat-coldRatio"]);
    expect(renderPage(REPORT)).toMatch(/<figure data-figure="heat-startupMeanUs"><figcaption>/);
    expect(renderPage(REPORT)).toMatch(/<figure data-figure="heat-coldRatio" hidden=""/);
  });

  test("a figure is copied as an SVG that has its namespace and no variable, and as the numbers of its table", async () => {
    const { page } = await openPage(1280);
    await page.evaluate(
      "Object.defineProperty(navigator, 'clipboard', { value: { writeText: (text) => { window.copied = text; } } })",
    );
    const figure = page.locator('[data-figure="cost"]');
    await figure.getByRole("button", { name: "Copy SVG" }).click();
    const svg = await page.evaluate<string>("window.copied");
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toContain("var(");
    await figure.getByRole("button", { name: "Copy data" }).click();
    const data = await page.evaluate<string>("window.copied");
    const { table } = REPORT.sections.find(({ id }) => id === "cost")!;
    expect(data.split("\n")[0]).toBe(table.columns.map(({ name }) => name).join("\t"));
    expect(data.trimEnd().split("\n")).toHaveLength(table.rows.length + 1);
  });

  test("the first column stays while a table is scrolled to its last one", async () => {
    const { page } = await openPage(390);
    const first = page.locator('table[data-table="summary"] tbody tr:first-child td:first-child');
    const before = await first.boundingBox();
    await page.evaluate(
      "document.querySelector('table[data-table=summary]').parentElement.scrollLeft = 5000",
    );
    expect((await first.boundingBox())!.x).toBeCloseTo(before!.x, 0);
  });

  test.each([
    [1280, 800],
    [390, 844],
  ])(
    "the first screen of %d x %d px names the best policy of every size, before what ran",
    async (width, height) => {
      const { page } = await openPage(width);
      const answers = page.locator('table[data-table="winners"] tbody tr');
      expect(await answers.count()).toBe(2);
      for (const row of await answers.all()) {
        const { y, height: rowPx } = (await row.boundingBox())!;
        expect(y + rowPx).toBeLessThan(height);
        expect(await row.locator("td.text").first().isVisible()).toBe(true);
      }
      const facts = (await page.locator("dl").boundingBox())!;
      expect(facts.y).toBeGreaterThan((await answers.last().boundingBox())!.y);
    },
  );

  test("a table that is wider than the page says so, and one that fits does not", async () => {
    for (const width of [390, 1280]) {
      const { page } = await openPage(width);
      const tables = await page.$$eval(".scroller:not(details *)", (all) =>
        all.map((each) => ({
          isWider: each.scrollWidth > each.clientWidth + 1,
          saysSo: each.previousElementSibling?.matches(".hint:not([hidden])"),
        })),
      );
      expect(tables.some(({ isWider }) => isWider)).toBe(true);
      for (const { isWider, saysSo } of tables) expect(saysSo).toBe(isWider);
    }
  });

  test("no table is wider than a sheet of paper, and its text has at least 7 points", async () => {
    // A4 less margins of 12 mm: 186 mm, at 96 px per inch
    const page = (await openPage(Math.floor((186 / 25.4) * 96))).page;
    await page.emulateMedia({ media: "print" });
    const tables = await page.$$eval("table", (all) =>
      all
        .filter((each) => each.getClientRects().length > 0)
        .map((each) => [
          each.scrollWidth,
          Number.parseFloat(each.ownerDocument.defaultView!.getComputedStyle(each).fontSize),
        ]),
    );
    expect(tables.length).toBeGreaterThan(1);
    for (const [widthPx, textPx] of tables) {
      expect(widthPx).toBeLessThanOrEqual((186 / 25.4) * 96);
      expect(textPx * 0.75).toBeGreaterThanOrEqual(7);
    }
  });

  test("five policies at eight sizes print on at most 12 pages", async () => {
    const runs = ["a", "b", "c", "d", "e"].flatMap((preset) =>
      [1, 2, 4, 8, 16, 32, 64, 128].flatMap((size) =>
        [1, 2].map((seed) => reportedRun({ preset, memoryBytes: size * GIB, seed })),
      ),
    );
    const file = join(await temporaryFolder(), "report.html");
    await writeFile(file, renderPage(makeReport(compareRuns(sourcesOf(runs)))));
    const page = await (await openBrowser({ width: 1280 })).newPage();
    await page.goto(pathToFileURL(file).href);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    expect(pdf.match(/\/Type\s*\/Page\b/g)!.length).toBeLessThanOrEqual(12);
  });

  for (const width of [390, 1280]) {
    test(`at ${width} px no element is wider than the page, and one drawing of each figure is shown`, async () => {
      const { page } = await openPage(width);
      const size = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(size).toBeLessThanOrEqual(width);
      const shown = width < 880 ? "narrow" : "wide";
      for (const kind of ["narrow", "wide"]) {
        const visible = await page.locator(`.${kind} >> visible=true`).count();
        expect(visible > 0, kind).toBe(kind === shown);
      }
    });
  }

  test("light and dark have different backgrounds, and print is light", async () => {
    const { page } = await openPage(1280, "dark");
    const paper = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const dark = await paper();
    await page.emulateMedia({ media: "print" });
    expect(await paper()).toBe("rgb(255, 255, 255)");
    expect(dark).not.toBe("rgb(255, 255, 255)");
  });
});
