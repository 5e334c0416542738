import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FIDELITY_DOC, renderFidelityDoc } from "../../scripts/docs/fidelity-doc.js";

test("docs/fidelity-object.md says what the schema says: npm run docs makes it again", () => {
  expect(readFileSync(FIDELITY_DOC, "utf8")).toBe(renderFidelityDoc());
});
