import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generatedPages } from "./pages.js";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));

const pages = await generatedPages();
// removes pages of policies that no longer exist
rmSync(join(DOCS, "reference/policies"), { recursive: true, force: true });
for (const { path, text } of pages) {
  mkdirSync(dirname(join(DOCS, path)), { recursive: true });
  writeFileSync(join(DOCS, path), text);
}
