import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { RESULT_DOC, renderResultDoc } from "../../docs/result-doc.js";

test("docs/result.md is what the schema says; `npm run docs` writes it", async () => {
  expect(await readFile(RESULT_DOC, "utf8")).toBe(renderResultDoc());
});
