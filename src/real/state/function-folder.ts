import { createHash } from "node:crypto";
import { join } from "node:path";
import type { StateLayout } from "./instance.js";

const LONGEST_NAME = 200;

/**
 * Names that a function may be registered and called by: OpenLambda's rule without the names that
 * have a meaning in a path.
 */
export function isFunctionName(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name) && name.length <= LONGEST_NAME;
}

/** Folder of a function's code. A function of a trace may have any name; a folder may not. */
export function functionFolder({ functions }: StateLayout, name: string): string {
  if (isFunctionName(name)) return join(functions, name);
  // a name that may be registered contains no "+"
  return join(functions, `+${createHash("sha256").update(name).digest("hex")}`);
}
