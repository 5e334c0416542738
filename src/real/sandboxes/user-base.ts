import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Python } from "../host/python.js";

/** Folder beside a function's code, in which Python looks for packages of its user (PEP 370). */
export const USER_BASE = ".python";

/**
 * Writes where a function's packages are for the Python processes that the function starts. They do
 * not inherit its `sys.path`: `python -m package` would not find them. `paths` are those in the
 * container, and `code` is the folder of the function's code.
 */
export function writeUserBase(code: string, { version }: Python, paths: readonly string[]): void {
  if (paths.length === 0) return;
  const base = join(code, USER_BASE);
  rmSync(base, { recursive: true, force: true }); // an upload may have a folder of this name
  const [major, minor] = version.split(".");
  const site = join(base, "lib", `python${major}.${minor}`, "site-packages");
  mkdirSync(site, { recursive: true, mode: 0o755 });
  const text = paths.map((each) => `${each}\n`).join("");
  writeFileSync(join(site, "packages.pth"), text, { mode: 0o644 });
}
