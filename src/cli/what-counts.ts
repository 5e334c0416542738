import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseIndex } from "../real/package-tool.js";
import { CONTAINER_OPTIONS } from "./container-options.js";
import type { RunSettings } from "./run-settings.js";

/** Options of `run` on which no result depends, and why. */
export const IDLE_OPTIONS: Readonly<Record<string, string>> = {
  state: "where a real run keeps its files changes nothing of it",
  journal: "it copies what happens",
  out: "it is where the result goes",
  json: "it is how the result is printed",
};

/** Options of `run` on which no simulated result depends: they say how containers use this machine. */
export const REAL_OPTIONS: readonly string[] = [
  "python",
  "base",
  ...Object.keys(CONTAINER_OPTIONS),
];

/** Files that a run installs from: those of an index that is a folder. */
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
