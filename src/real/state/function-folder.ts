import { createHash } from "node:crypto";
import { join } from "node:path";
import type { StateLayout } from "./instance.js";

const LONGEST_NAME = 200;

/** Names that may be registered and called by: OpenLambda's rule, less what a path gives a meaning. */
export function isFunctionName(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name) && name.length <= LONGEST_NAME;
}

/** Folder of a function's code; a trace's function may have any name, its folder may not. */
export function functionFolder({ functions }: StateLayout, name: string): string {
  if (isFunctionName(name)) return join(functions, name);
  // "+" stands in no name that may be registered
  return join(functions, `+${createHash("sha256").update(name).digest("hex")}`);
}
