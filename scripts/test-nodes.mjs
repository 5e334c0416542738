// Runs tests on each supported Node: `npm run test:nodes [-- test/x.test.ts ...]`; without an
// argument, all tests. The binaries come from npm's `node` package, in a folder that is removed
// afterwards. The addon is not rebuilt: built for one Node, it must load in all (Node-API).
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { engines } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
/** The oldest version that package.json allows, then the newest version of each line. */
const VERSIONS = [`${engines.node.replace(">=", "")}.0`, "20", "22", "24"];
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");

const folder = mkdtempSync(join(tmpdir(), "socklab-nodes-"));
const failed = [];
try {
  for (const version of VERSIONS) {
    const node = install(version);
    const found = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
    process.stdout.write(`\n=== Node ${found}\n`);
    const { status } = spawnSync(node, [VITEST, "run", ...process.argv.slice(2)], {
      cwd: ROOT,
      stdio: "inherit",
      // programs that tests start as `node`, `npx` or `npm` run on this Node too
      env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
    });
    if (status !== 0) failed.push(found);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(failed.length === 0 ? "\nall passed\n" : `\nfailed: ${failed.join(", ")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Installs a version of Node. Returns the path of its binary. */
function install(version) {
  const place = join(folder, version);
  const { status } = spawnSync(
    "npm",
    ["install", "--prefix", place, "--no-audit", "--no-fund", "--no-save", `node@${version}`],
    { stdio: ["ignore", "ignore", 2] },
  );
  if (status !== 0) throw new Error(`npm install node@${version}: exit code ${status}`);
  return join(place, "node_modules", "node", "bin", "node");
}
