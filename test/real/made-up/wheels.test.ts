import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Catalogue, Package } from "../../../src/contract/workload.js";
import { moduleOf, writeWheels } from "../../../src/real/made-up/wheels.js";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";
import { testWithPip } from "../needs.js";

const PACKAGE: Package = {
  name: "alpha",
  version: "1.0",
  dependencies: [],
  installUs: 0,
  downloadBytes: 20_000,
  diskBytes: 100_000,
  importUs: 30_000,
  memoryBytes: 8 << 20,
  popularity: 1,
};

/** beta names alpha 1.0; gamma names beta and alpha 2.0, so alpha is reached in two versions. */
const CATALOGUE: Catalogue = {
  source: "test",
  packages: [
    PACKAGE,
    { ...PACKAGE, version: "2.0" },
    { ...PACKAGE, name: "beta", dependencies: [0] },
    { ...PACKAGE, name: "gamma", dependencies: [1, 2] },
    { ...PACKAGE, name: "Delta.Echo", dependencies: [2] },
  ],
};

testWithPip(
  "pip installs a wheel from the folder with all its dependencies",
  async ({ python }) => {
    const folder = await temporaryFolder();
    const wheels = join(folder, "wheels");
    await writeWheels(wheels, CATALOGUE);
    const target = join(folder, "target");
    execFileSync(python, [
      ...["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"],
      ...["--root-user-action", "ignore"],
      ...["--find-links", wheels, "--target", target, "gamma==1.0"],
    ]);
    const installed = readdirSync(target).filter((name) => name.endsWith(".dist-info"));
    expect(installed.sort()).toEqual([
      "alpha-2.0.dist-info",
      "beta-1.0.dist-info",
      "gamma-1.0.dist-info",
    ]);
  },
);

testWithPip(
  "an import uses its CPU time and keeps its memory, in addition to its dependencies'",
  async ({ python }) => {
    const folder = await temporaryFolder();
    const wheels = join(folder, "wheels");
    await writeWheels(wheels, CATALOGUE, [0, 2]);
    const measure = `
import sys, time
sys.path[:0] = ["${wheels}/beta-1.0-py3-none-any.whl", "${wheels}/alpha-1.0-py3-none-any.whl"]
def rss(): return int(open("/proc/self/statm").read().split()[1]) * 4096
began, before = time.thread_time(), rss()
import ${moduleOf("beta")}
print(time.thread_time() - began, rss() - before, "${moduleOf("alpha")}" in sys.modules)
`;
    const out = execFileSync(python, ["-I", "-c", measure], { encoding: "utf8" });
    const [cpuSeconds, keptBytes, importsAlpha] = out.trim().split(" ");
    // two packages of 30 ms and 8 MiB each
    expect(Number(cpuSeconds)).toBeGreaterThanOrEqual(0.06);
    expect(Number(keptBytes)).toBeGreaterThanOrEqual(16 << 20);
    expect(importsAlpha).toBe("True");
  },
);

test("a dependency names its version, unless some package reaches that name in two", async () => {
  const folder = await temporaryFolder();
  await writeWheels(join(folder, "wheels"), CATALOGUE);
  const read = (wheel: string) => readFileSync(join(folder, "wheels", wheel), "latin1");
  expect(read("delta_echo-1.0-py3-none-any.whl")).toContain("Requires-Dist: beta==1.0\n");
  expect(read("beta-1.0-py3-none-any.whl")).toContain("Requires-Dist: alpha\n");
});

test("a catalogue always gives the same bytes, and the files have the catalogue's size", async () => {
  const folder = await temporaryFolder();
  const [first, again] = [join(folder, "first"), join(folder, "again")];
  const { count, diskBytes } = await writeWheels(first, CATALOGUE);
  await writeWheels(again, CATALOGUE);
  expect(count).toBe(5);
  // five packages of 100,000 bytes, and a RECORD of some hundred bytes in each
  expect(diskBytes).toBeGreaterThan(500_000);
  expect(diskBytes).toBeLessThan(510_000);
  for (const name of readdirSync(first)) {
    expect(readFileSync(join(again, name)).equals(readFileSync(join(first, name))), name).toBe(
      true,
    );
  }
});

test("a package with a name that Python does not accept is refused, and nothing is left", async () => {
  const folder = await temporaryFolder();
  const packages = [{ ...PACKAGE, name: "../alpha" }];
  await expect(writeWheels(join(folder, "wheels"), { source: "bad", packages })).rejects.toThrow(
    "bad: package ../alpha==1.0",
  );
  expect(readdirSync(folder)).toEqual([]);
});

test("trace generate --wheels builds the wheels that a new trace, an old trace, or a catalogue needs", async () => {
  const folder = await temporaryFolder();
  const small = ["--functions", "4", "--minutes", "5", "--packages", "20", "--run-mu", "3"];
  const at = (name: string) => join(folder, name);
  const made = await runCli("trace", "generate", at("day"), ...small, "--wheels", at("day-wheels"));
  expect(made.exitCode, made.err).toBe(0);
  const again = await runCli("trace", "generate", at("day"), "--wheels", at("again-wheels"));
  expect(again.exitCode, again.err).toBe(0);
  expect(readdirSync(at("again-wheels"))).toEqual(readdirSync(at("day-wheels")));
  const alone = await runCli("trace", "generate", "--packages", "5", "--wheels", at("wheels"));
  expect(alone.exitCode, alone.err).toBe(0);
  expect(readdirSync(at("wheels")).filter((name) => name.endsWith(".whl"))).toHaveLength(5);
  expect(readdirSync(at("wheels"))).toContain("catalogue.json");
  const taken = await runCli("trace", "generate", "--packages", "5", "--wheels", at("wheels"));
  expect([taken.exitCode, taken.err]).toEqual([2, expect.stringContaining("exists already")]);
  const nothing = await runCli("trace", "generate");
  expect(nothing.exitCode).toBe(2);
});
