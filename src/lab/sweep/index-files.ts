import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseIndex } from "../../real/packages/package-tool.js";
import type { RunSettings } from "../run/run-settings.js";

/** The files from which a run installs packages, if its index is a folder. */
export async function indexFiles({
  backend,
  index: given,
}: RunSettings): Promise<readonly string[]> {
  if (backend === "sim" || given === undefined) return [];
  const index = parseIndex(given);
  if (index.kind !== "folder") return [];
  const entries = await readdir(index.path, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ name }) => join(index.path, name)).toSorted();
}
