import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { COSTS_DOC, renderCostsDoc } from "../../scripts/docs/costs-doc.js";

test("docs/costs.md is what costs.json says; `npm run docs` writes it", async () => {
  expect(await readFile(COSTS_DOC, "utf8")).toBe(renderCostsDoc());
});
