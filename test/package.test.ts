import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { buildCommand } from "../src/real/host/native.js";
import { SLOWNESS } from "./slowness.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const INSTALL_TIMEOUT_MS = 240_000 * SLOWNESS;
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENOTCACHED|ETIMEDOUT|ENETUNREACH/;

let folder = "";
let files: readonly string[] = [];
/** Why nothing could be installed, if that is so. */
let offline: string | undefined;

beforeAll(() => {
  expect(existsSync(`${ROOT}dist/library.js`), "dist is missing: npm run build").toBe(true);
  folder = mkdtempSync(join(tmpdir(), "socklab-package-"));
  const packed = run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], ROOT);
  expect(packed.status, packed.stderr).toBe(0);
  const [tarball] = readdirSync(folder);
  const list = run("tar", ["-tzf", tarball], folder).stdout;
  files = list.split("\n").flatMap((line) => (line === "" ? [] : [line.replace("package/", "")]));
  writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}');
  const options = ["--engine-strict", "--prefer-offline", "--no-audit", "--no-fund"];
  const { status, stderr } = run("npm", ["install", ...options, `./${tarball}`], folder);
  if (status !== 0 && OFFLINE.test(stderr)) offline = stderr.trim().split("\n")[0];
  else expect(status, stderr).toBe(0);
  expect(stderr).not.toContain("EBADENGINE");
}, INSTALL_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }), INSTALL_TIMEOUT_MS);

describe("the tarball", () => {
  test("has no maps without sources, no makers of documents, and no sources of ours in TypeScript", () => {
    expect(files.filter((path) => /\.map$|-doc\.ts$|^src\/|\.pyc$/.test(path))).toEqual([]);
    expect(files).toContain("dist/library.d.ts");
  });

  test("has every file that a page of it links", () => {
    for (const page of files.filter((path) => path.endsWith(".md"))) {
      const links = readFileSync(join(ROOT, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g);
      for (const [, link] of links) {
        const target = normalize(join(dirname(page), link));
        const isThere = files.some((path) => path === target || path.startsWith(`${target}/`));
        expect(isThere, `${page} links ${link}`).toBe(true);
      }
    }
  });
});

describe("installed in an empty folder", () => {
  test("`npx socklab run demo` runs, with no path of that name there", (context) => {
    needsRegistry(context);
    const { status, stdout, stderr } = run("npx", ["socklab", "run", "demo", "--minutes", "5"]);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain("demo under sock");
  });

  test("a program imports socklab and socklab/policy by name", (context) => {
    needsRegistry(context);
    cpSync(join(ROOT, "docs/examples/compare-policies.mjs"), join(folder, "compare.mjs"));
    const { status, stdout, stderr } = run(process.execPath, ["compare.mjs"]);
    expect(status, stderr).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.split(":")[0])).toEqual(["openwhisk", "sock", "oldest-first"]);
  });

  test("a strict TypeScript program type-checks against both, libraries included; a wrong one does not", (context) => {
    needsRegistry(context);
    cpSync(join(ROOT, "docs/examples/largest-first.ts"), join(folder, "largest-first.ts"));
    writeFileSync(join(folder, "right.ts"), RIGHT);
    writeFileSync(join(folder, "wrong.ts"), RIGHT.replace("memoryBytes: 1", 'memoryBytes: "1GiB"'));
    const check = (file: string) => {
      const options = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext"];
      const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules/@types")];
      const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
      return run(process.execPath, [compiler, ...options, ...types, file]).stdout;
    };
    expect(check("right.ts")).toBe("");
    expect(check("wrong.ts")).toMatch(/wrong\.ts.*TS2\d+.*string/s);
  });

  test("doctor names a command that builds the addon from the folder one is in", (context) => {
    needsRegistry(context);
    const installed = join(folder, "node_modules", "socklab");
    const command = buildCommand(installed, folder);
    expect(command).toBe(`npm run build:native --prefix ${installed}`);
    expect(buildCommand(ROOT, ROOT)).toBe("npm run build:native");
    const isPrebuilt = files.includes(`native/prebuilds/linux-${process.arch}/guest.so`);
    const { stdout } = run("npx", ["socklab", "doctor"]);
    expect(stdout).toContain(isPrebuilt ? "native addon" : `get it: ${command}`);
    const dry = run("sh", ["-c", command.replace("build:native", "")]); // lists scripts, builds nothing
    expect(dry.stdout).toContain("build:native");
  });
});

const RIGHT = `
import { type Result, readWorkload, simulate } from "socklab";
import { FAMILIES, type PolicySpec } from "socklab/policy";
import largestFirst from "./largest-first.js";

const policy: PolicySpec = largestFirst;
const workload = await readWorkload({ trace: "tiny" });
const result: Result = await simulate({ workload, policy, memoryBytes: 1, seed: 1 });
export const cold: number = result.invocations.cold + FAMILIES.length;
`;

function needsRegistry({ skip }: TestContext): void {
  if (offline !== undefined) skip(`npm reaches no registry: ${offline}`);
}

function run(program: string, args: readonly string[], cwd = folder) {
  return spawnSync(program, args, { cwd, encoding: "utf8" });
}
