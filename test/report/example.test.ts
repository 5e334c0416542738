import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const EXAMPLE = new URL("../../reports/demo.html", import.meta.url);

test("the committed example is under 2 MB, fetches nothing, and was made by committed code", () => {
  const page = readFileSync(EXAMPLE, "utf8");
  expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
  expect(page).not.toMatch(/(?:src|href)="(?!#|data:)/);
  expect(page).not.toContain("-dirty");
  expect(page).toContain("5 policies, 20 configurations, 60 runs");
});
