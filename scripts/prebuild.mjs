// Builds the addon, the guest's library and the primitives into native/prebuilds/linux-<arch>. An
// installed package loads them from there if nothing was built on its machine. `npm run
// build:prebuilds [-- x64 arm64]`; without an argument it builds for both. The foreign architecture
// is cross-compiled: apt-get install g++-aarch64-linux-gnu (or g++-x86-64-linux-gnu).
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const NATIVE = fileURLToPath(new URL("../native/", import.meta.url));
const SOURCES = ["binding.gyp", "src", "guest", "primitives"];
/** File names for which node-gyp-build looks: any Node version, glibc. */
const PRODUCTS = {
  "socklab.node": "node.napi.glibc.node",
  "guest.so": "guest.so",
  primitives: "primitives",
};
const TRIPLES = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

const asked = process.argv.slice(2);
for (const arch of asked.length === 0 ? Object.keys(TRIPLES) : asked) prebuild(arch);

function prebuild(arch) {
  const triple = TRIPLES[arch];
  if (triple === undefined) fail(2, `${arch}: expected ${Object.keys(TRIPLES).join(" or ")}`);
  const prefix = arch === process.arch ? "" : `${triple}-`;
  const tools = { CC: `${prefix}gcc`, CXX: `${prefix}g++`, AR: `${prefix}ar` };
  if (spawnSync(tools.CXX, ["--version"]).status !== 0) {
    fail(3, `${arch}: no ${tools.CXX}: apt-get install g++-${triple.replace("_", "-")}`);
  }
  // inside the package, so that its modules are found
  const folder = join(NATIVE, `prebuild-${arch}`);
  const target = join(NATIVE, "prebuilds", `linux-${arch}`);
  try {
    for (const name of SOURCES) cpSync(NATIVE + name, join(folder, name), { recursive: true });
    // npm puts node-gyp on PATH
    run("node-gyp", ["rebuild", "--directory", folder, `--arch=${arch}`], tools);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const [built, name] of Object.entries(PRODUCTS)) {
      run(`${prefix}strip`, ["-o", join(target, name), join(folder, "build", "Release", built)]);
    }
    process.stdout.write(`${target}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program, args, env = {}) {
  const { status } = spawnSync(program, args, {
    cwd: NATIVE,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: exit code ${status}`);
}

function fail(exitCode, message) {
  process.stderr.write(`prebuild: ${message}\n`);
  process.exit(exitCode);
}
