import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { compareRuns } from "../../src/report/dataset.js";
import { renderPage } from "../../src/report/page.js";
import { makeReport, type Report } from "../../src/report/report.js";
import { reportRows } from "../../src/report/report-data.js";
import { temporaryFolder } from "../cli/run-cli.js";
import { NO_BROWSER, openBrowser } from "./browser.js";
import { reportedStudy, sourcesOf } from "./samples.js";

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
    const head = page.locator('table[data-table="functions"] th[data-column="invocations"] button');
    await head.click();
    expect((await columnOf(page, "functions", 3)).map(Number)).toEqual([2, 2, 100, 100]);
    await head.click();
    expect((await columnOf(page, "functions", 3)).map(Number)).toEqual([100, 100, 2, 2]);
  });

  test("the filter leaves the rows that contain its text, in upper or lower case", async () => {
    const { page } = await openPage(1280);
    await page.fill('input[data-filter="functions"]', "RARE");
    expect(await columnOf(page, "functions", 1)).toEqual(["rare", "rare"]);
    expect(await page.locator('output[data-shown="functions"]').textContent()).toBe("2 of 4 rows");
  });

  test("a pointer over a mark shows its value", async () => {
    const { page } = await openPage(1280);
    await page.hover('section#hit-ratios .wide [data-group="handler cache"] rect.area');
    const tip = page.locator("#tip:not([hidden])");
    expect(await tip.textContent()).toBe("handler cache, openwhisk: 90 %");
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
