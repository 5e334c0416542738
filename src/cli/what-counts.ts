import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseIndex } from "../real/package-tool.js";
import { CONTAINER_OPTIONS } from "./container-options.js";
import type { RealSettings, RunSettings } from "./run-settings.js";

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

/**
 * What of `settings.real` a result depends on. The compiler asks here for a place of every new
 * setting. A simulated run has wheels built on this machine unless an index is named; which index
 * counts for a real one alone. Of a base only the path counts: it is a whole file system.
 */
export function realPart({ backend, real }: RunSettings): object {
  const hasIndex = real?.index !== undefined;
  if (backend === "sim") return { installs: real === undefined || hasIndex ? "download" : "local" };
  const { index, python, base, containers }: Partial<RealSettings> = real!;
  const counted: Readonly<Record<Exclude<keyof RealSettings, "state">, unknown>> = {
    index: index ?? null,
    python: python ?? null,
    base: base ?? null,
    containers,
  };
  return counted;
}

/** Files that a run installs from: those of an index that is a folder. */
export async function indexFiles({ backend, real }: RunSettings): Promise<readonly string[]> {
  if (backend === "sim" || real?.index === undefined) return [];
  const index = parseIndex(real.index);
  if (index.kind !== "folder") return [];
  const entries = await readdir(index.path, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ name }) => join(index.path, name)).toSorted();
}
