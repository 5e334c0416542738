// Installs the packages of package-lock.json where they are missing or older than it, so that
// `npm test` and `npm run demo` work right after a clone. Plain Node: nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const LOCK = `${root}package-lock.json`;
/** npm writes it at the end of an installation. */
const INSTALLED = `${root}node_modules/.package-lock.json`;

const isInstalled = existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs;
if (!isInstalled) {
  const { status } = spawnSync("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  process.exitCode = status ?? 3;
}
