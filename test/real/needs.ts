import { spawnSync } from "node:child_process";
import { test } from "vitest";

/** Debian's own Python is first, since any user may read it. */
const PYTHONS = ["/usr/bin/python3", "python3"];

const INDEX_TIMEOUT_MS = 20_000;

export const isRoot: boolean = process.getuid?.() === 0;

/** A Python with pip; undefined: there is none. */
export const installer: string | undefined = PYTHONS.find(
  (path) => spawnSync(path, ["-I", "-m", "pip", "--version"]).status === 0,
);

/** A test that installs with pip. If there is no pip, it is skipped and says so. */
export function testWithPip(
  name: string,
  body: (has: { readonly python: string }) => Promise<void>,
): void {
  if (installer === undefined) test.skip(`${name} [skipped: no python3 with pip]`, () => {});
  else test(name, () => body({ python: installer }));
}

/** A test that needs root. Without root it is skipped and says so. */
export function testAsRoot(name: string, body: () => Promise<void> | void): void {
  if (isRoot) test(name, body);
  else test.skip(`${name} [skipped: not root]`, () => {});
}

/**
 * A test that downloads from the package index of pip's configuration. If no index answers, it is
 * skipped and says so.
 */
export function testWithIndex(name: string, body: () => Promise<void>, timeoutMs: number): void {
  if (hasIndex()) test(name, body, timeoutMs);
  else test.skip(`${name} [skipped: no package index answers]`, () => {});
}

function hasIndex(): boolean {
  if (installer === undefined) return false;
  const args = ["-m", "pip", "index", "versions", "six"];
  return spawnSync(installer, args, { timeout: INDEX_TIMEOUT_MS }).status === 0;
}
