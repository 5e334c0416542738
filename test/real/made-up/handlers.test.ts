import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PackageSet } from "../../../src/contract/package-set.js";
import type { FunctionProfile } from "../../../src/contract/workload.js";
import { handlerSource, writeHandlers } from "../../../src/real/made-up/handlers.js";
import { functionFolder } from "../../../src/real/state/function-folder.js";
import { temporaryFolder } from "../../cli/run-cli.js";
import { makePackage } from "../../engine/harness.js";
import { testWithPip } from "../needs.js";
import { temporaryState } from "../state-folder.js";

const MIB = 1 << 20;
const PACKAGE = makePackage({ name: "alpha", diskBytes: 0, memoryBytes: 4 * MIB });
const PACKAGES = [PACKAGE, { ...PACKAGE, name: "beta" }];
const PROFILE: FunctionProfile = {
  name: "resize",
  app: 0,
  memoryBytes: 40 * MIB,
  requirements: new PackageSet([1]),
  closure: new PackageSet([0, 1]),
  weight: 1,
};
const OPTIONS = { cpuDemand: 0.25, interpreterBytes: 12 * MIB };

test("a handler imports its function's direct packages and keeps the rest of its memory", () => {
  const source = handlerSource(PROFILE, PACKAGES, OPTIONS);
  expect(source).toContain("import pkg_beta\n");
  expect(source).not.toContain("import pkg_alpha");
  // 40 - 12 (interpreter) - 2 x 4 (packages) = 20 MiB
  expect(source).toContain(`_kept = _keep(${(20 * MIB) / 4096})`);
});

test("a function smaller than its packages keeps nothing", () => {
  const source = handlerSource({ ...PROFILE, memoryBytes: 0 }, PACKAGES, OPTIONS);
  expect(source).not.toContain("_keep");
});

testWithPip(
  "a run takes its time by the wall clock and its share of a core",
  async ({ python }) => {
    const folder = await temporaryFolder();
    const lonely = { ...PROFILE, requirements: PackageSet.EMPTY, closure: PackageSet.EMPTY };
    writeFileSync(join(folder, "f.py"), handlerSource(lonely, PACKAGES, OPTIONS));
    const measure = `
import sys, time
sys.path.insert(0, "${folder}")
def rss(): return int(open("/proc/self/statm").read().split()[1]) * 4096
before = rss()
import f
kept = rss() - before
wall, cpu = time.monotonic_ns(), time.thread_time_ns()
answer = f.f({"runUs": 200000})
print(kept, time.monotonic_ns() - wall, time.thread_time_ns() - cpu, answer)
`;
    const out = execFileSync(python, ["-I", "-c", measure], { encoding: "utf8" });
    const [keptBytes, wallNs, cpuNs, ...answer] = out.trim().split(" ");
    expect(Number(keptBytes)).toBeGreaterThanOrEqual(28 * MIB);
    // A clock with ticks of 10 ms is wrong by up to one tick where the computing begins, and where it
    // ends.
    expect(Number(wallNs)).toBeGreaterThanOrEqual(180e6);
    expect(Number(cpuNs)).toBeGreaterThanOrEqual(50e6);
    expect(Number(cpuNs)).toBeLessThan(100e6);
    expect(answer.join(" ")).toBe("{'ok': True}");
  },
);

test("each function has its own folder, whatever a trace calls it", async () => {
  const { layout } = await temporaryState();
  const names = ["resize", "../escape", "a/b", ".", "x".repeat(300), "+"];
  const functions = names.map((name) => ({ ...PROFILE, name }));
  await writeHandlers(
    layout,
    { functions, catalogue: { source: "test", packages: PACKAGES } },
    OPTIONS,
  );
  const folders = names.map((name) => functionFolder(layout, name));
  expect(new Set(folders).size).toBe(names.length);
  for (const folder of folders) {
    expect(join(folder, "..")).toBe(layout.functions);
    expect(existsSync(join(folder, "f.py"))).toBe(true);
  }
});
