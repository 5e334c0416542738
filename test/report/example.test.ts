import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PAGE_SCRIPT } from "../../src/report/page-script.js";
import { PAGE_STYLE } from "../../src/report/page-style.js";

const EXAMPLE = new URL("../../reports/demo.html", import.meta.url);

test("the committed example is under 2 MB, fetches nothing, and was made by committed code", () => {
  const page = readFileSync(EXAMPLE, "utf8");
  expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
  expect(page).not.toMatch(/(?:src|href)="(?!#|data:)/);
  expect(page).not.toContain("-dirty");
  expect(page).toContain("5 policies, 20 configurations, 60 runs");
});

test("the committed example has the style and the script of today's pages: make it again when they change", () => {
  const page = readFileSync(EXAMPLE, "utf8");
  expect(page.includes(PAGE_STYLE)).toBe(true);
  expect(page.includes(PAGE_SCRIPT)).toBe(true);
});
