import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import {
  BENCH_DOC,
  RESULT_DOC,
  renderBenchDoc,
  renderResultDoc,
} from "../../scripts/docs/result-doc.js";

test("docs/result.md and docs/bench-result.md are what the schemas say; `npm run docs` writes them", async () => {
  expect(await readFile(RESULT_DOC, "utf8")).toBe(renderResultDoc());
  expect(await readFile(BENCH_DOC, "utf8")).toBe(renderBenchDoc());
});
