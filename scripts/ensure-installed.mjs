// Installs the packages of package-lock.json if node_modules lacks one or contains another version
// of one, so that `npm test` and `npm run demo` work right after a clone. Plain Node, because
// nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** npm writes this file at the end of an installation. */
const INSTALLED = `${root}node_modules/.package-lock.json`;

if (!isInstalled()) {
  const { status } = spawnSync("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  process.exitCode = status ?? 3;
}

function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  const installed = packagesOf(INSTALLED);
  return Object.entries(packagesOf(`${root}package-lock.json`)).every(
    ([path, { version, optional }]) =>
      path === "" || (installed[path]?.version ?? (optional ? version : undefined)) === version,
  );
}

function packagesOf(path) {
  return JSON.parse(readFileSync(path, "utf8")).packages;
}
