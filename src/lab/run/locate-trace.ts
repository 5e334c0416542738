import { existsSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "./provenance.js";

/** Traces that ship with socklab: folders of `traces`. */
export const SHIPPED_TRACES = ["demo", "tiny", "three-tiers", "fidelity", "fidelity-held-out"];

/**
 * Path of a named trace: the file or folder with that path if it exists, else a trace that ships
 * with socklab.
 */
export function locateTrace(name: string): string {
  if (existsSync(name) || !SHIPPED_TRACES.includes(name)) return name;
  return join(PROJECT_ROOT, "traces", name);
}
