import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Catalogue } from "../../../src/contract/workload.js";
import { INSTALL_UID } from "../../../src/real/host/guest-users.js";
import { runProgram } from "../../../src/real/host/run-program.js";
import { settleFiles } from "../../../src/real/host/settle-files.js";
import { writeWheels } from "../../../src/real/made-up/wheels.js";
import { CataloguePackages } from "../../../src/real/packages/catalogue-packages.js";
import { evaluateMarkers, markerEnvironment } from "../../../src/real/packages/evaluate-markers.js";
import { Installer } from "../../../src/real/packages/installer.js";
import type { InstallerSetup } from "../../../src/real/packages/installer-setup.js";
import { readDistribution } from "../../../src/real/packages/package-metadata.js";
import { parsePinned } from "../../../src/real/packages/package-names.js";
import {
  installEnvironment,
  lastLine,
  toolCommand,
} from "../../../src/real/packages/package-tool.js";
import { temporaryFolder } from "../../cli/run-cli.js";
import { makePackage } from "../../engine/harness.js";
import { isRoot, testWithPip } from "../needs.js";
import { temporaryState } from "../state-folder.js";

const PACKAGE = makePackage({ name: "alpha", diskBytes: 400_000, memoryBytes: 0 });
const CATALOGUE: Catalogue = {
  source: "test",
  packages: [PACKAGE, { ...PACKAGE, name: "Beta_Two", dependencies: [0] }],
};

async function openInstaller(python: string, change: Partial<InstallerSetup> = {}) {
  const { folder, layout } = await temporaryState();
  const wheels = join(folder, "wheels");
  await writeWheels(wheels, CATALOGUE);
  const setup: InstallerSetup = {
    layout,
    tool: { kind: "pip", python },
    index: { kind: "folder", path: wheels },
    uid: isRoot ? INSTALL_UID : undefined,
    run: runProgram,
    concurrency: 2,
    timeoutUs: 60_000_000,
    ...change,
  };
  const installer = await Installer.open(setup);
  onTestFinished(() => installer.close());
  return { installer, layout, setup, folder };
}

/** A program in the role of Python. It never ends, and has a child that never ends. */
async function hangingPython(folder: string): Promise<{ path: string; pids: string }> {
  const path = join(folder, "python");
  const pids = join(folder, "pids");
  writeFileSync(pids, "");
  await chmod(pids, 0o666);
  writeFileSync(path, `#!/bin/sh\nsleep 60 &\necho $$ $! > ${pids}\nwait\n`);
  await chmod(path, 0o755);
  return { path, pids };
}

test("a package that the engine counts as installed and that no run needed can be removed", async () => {
  const { installer } = await openInstaller("python3");
  const store = new CataloguePackages(CATALOGUE.packages, installer);
  await expect(store.uninstall(0)).resolves.toBeUndefined();
});

testWithPip(
  "an installed package is complete, the worker's own, and described on disk",
  async ({ python }) => {
    const { installer, layout } = await openInstaller(python);
    const [alpha, beta] = await Promise.all(
      ["alpha==1.0", "Beta_Two==1.0"].map((key) => installer.install(key)),
    );
    expect(alpha.us).toBeGreaterThan(0);
    expect(beta.diskBytes).toBeGreaterThanOrEqual(400_000);
    expect(readdirSync(layout.packages).sort()).toEqual(["alpha==1.0", "beta-two==1.0"]);
    const folder = join(layout.packages, "beta-two==1.0");
    expect(JSON.parse(readFileSync(join(folder, "meta.json"), "utf8"))).toMatchObject({
      dependencies: ["alpha==1.0"],
      topLevel: ["pkg_beta_two"],
      diskBytes: beta.diskBytes,
    });
    const module = statSync(join(folder, "site-packages", "pkg_beta_two", "__init__.py"));
    expect([module.uid, module.mode & 0o777]).toEqual([process.getuid!(), 0o644]);
    expect(existsSync(join(folder, "home"))).toBe(false);
    expect(readdirSync(layout.staging)).toEqual([]);
  },
);

testWithPip("a catalogue's ids become sys.path entries and modules", async ({ python }) => {
  const { installer } = await openInstaller(python);
  const store = new CataloguePackages(CATALOGUE.packages, installer);
  await store.install(1);
  await store.install(0);
  expect(store.pathsOf([0, 1])).toEqual({
    paths: ["/packages/alpha==1.0/site-packages", "/packages/beta-two==1.0/site-packages"],
    modules: ["pkg_alpha", "pkg_beta_two"],
  });
  await store.uninstall(1);
  expect(() => store.pathsOf([1])).toThrow("beta-two==1.0 is imported and not installed");
});

testWithPip(
  "a removed package is gone at once, its bytes soon after, and can come back",
  async ({ python }) => {
    const { installer, layout } = await openInstaller(python);
    await installer.install("alpha==1.0");
    await installer.uninstall("alpha==1.0");
    expect(readdirSync(layout.packages)).toEqual([]);
    await installer.install("alpha==1.0");
    await installer.close();
    expect(readdirSync(layout.trash)).toEqual([]);
    expect(readdirSync(layout.packages)).toEqual(["alpha==1.0"]);
  },
);

testWithPip(
  "after a crash, complete packages are kept and everything else is removed",
  async ({ python }) => {
    const { installer, layout, setup } = await openInstaller(python);
    await installer.install("alpha==1.0");
    await installer.close();
    mkdirSync(join(layout.staging, "alpha==1.0.7", "site-packages"), { recursive: true });
    mkdirSync(join(layout.packages, "beta-two==1.0", "site-packages"), { recursive: true });
    mkdirSync(join(layout.packages, "rubbish"));
    const again = await Installer.open(setup);
    expect([...again.installed.keys()]).toEqual(["alpha==1.0"]);
    expect(readdirSync(layout.packages)).toEqual(["alpha==1.0"]);
    expect(readdirSync(layout.staging)).toEqual([]);
    await again.close();
  },
);

testWithPip("a package that the index lacks fails with pip's own last line", async ({ python }) => {
  const { installer, layout } = await openInstaller(python);
  await expect(installer.install("gamma==1.0")).rejects.toMatchObject({
    name: "InstallError",
    reason: "failed",
    message: "gamma==1.0: pip: No matching distribution found for gamma==1.0",
  });
  await installer.close();
  expect(readdirSync(layout.staging)).toEqual([]);
});

test("an install that takes too long is killed with all its processes", async () => {
  const { folder } = await temporaryState();
  const { path, pids } = await hangingPython(folder);
  const { installer } = await openInstaller(path, { timeoutUs: 300_000 });
  await expect(installer.install("alpha==1.0")).rejects.toMatchObject({
    reason: "timed-out",
    message: "alpha==1.0: not installed after 0.3 s",
  });
  for (const pid of readFileSync(pids, "utf8").trim().split(" ")) await gone(pid);
});

test("closing ends an install in progress and leaves no process", async () => {
  const { folder } = await temporaryState();
  const { path, pids } = await hangingPython(folder);
  const { installer } = await openInstaller(path);
  const refused = expect(installer.install("alpha==1.0")).rejects.toMatchObject({
    reason: "closed",
  });
  await expect.poll(() => readFileSync(pids, "utf8")).toContain("\n");
  await installer.close();
  await refused;
  for (const pid of readFileSync(pids, "utf8").trim().split(" ")) await gone(pid);
});

async function gone(pid: string): Promise<void> {
  await expect
    .poll(
      () => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8")),
    )
    .toBe(true);
}

test("only a name and a version that Python allows reach an installer", () => {
  expect(parsePinned("Zope.Interface==5.0.post1")).toEqual({
    name: "zope-interface",
    version: "5.0.post1",
  });
  for (const bad of [
    ...["alpha", "alpha==", "==1.0", "alpha==1.0==2.0", "alpha>=1.0", "-r==1.0", "../x==1.0"],
    ...["alpha==../1", "alpha==1.0 --index-url x", "alpha==1.0;x", "alp ha==1.0", "alpha==1.*"],
    ...["alpha==1.0\n", `alpha==${"1".repeat(80)}`, "alpha @ file:///x==1.0"],
  ]) {
    expect(parsePinned(bad), bad).toBeUndefined();
  }
});

test("something that is not a version is refused before anything begins", async () => {
  const { installer } = await openInstaller("/nonexistent");
  await expect(installer.install("alpha==latest")).rejects.toThrow(
    '"alpha==latest" is not a package\'s name==version',
  );
});

test("an index URL or a folder is the only source of packages; the machine's own settings are ignored", () => {
  const tool = { kind: "pip", python: "/usr/bin/python3" } as const;
  const url = { kind: "url", url: "https://index.invalid/simple" } as const;
  const job = { kind: "install", key: "a==1" } as const;
  expect(toolCommand(tool, url, job, "/t").slice(-4)).toEqual([
    "--index-url",
    "https://index.invalid/simple",
    "--",
    "a==1",
  ]);
  const set = { PIP_INDEX_URL: "https://mine.invalid", https_proxy: "p", SECRET: "s" };
  expect(installEnvironment(url, "/h", set)).toEqual({
    PATH: expect.any(String),
    HOME: "/h",
    TMPDIR: "/h",
    https_proxy: "p",
    PIP_CONFIG_FILE: "/dev/null",
  });
  expect(installEnvironment({ kind: "default" }, "/h", set)).toMatchObject({
    PIP_INDEX_URL: "https://mine.invalid",
  });
});

test("an installer's message is its last error line, without its notices", () => {
  const text = "ERROR: first\nERROR: No space left on device\n\n[notice] a new release\n";
  expect(lastLine(text)).toBe("No space left on device");
  expect(lastLine("")).toBe("it said nothing");
  expect(lastLine("error: No solution\n  cause: first\n  cause: innermost\n")).toBe(
    "No solution: innermost",
  );
});

test("a file with a second name outside the tree is refused", async () => {
  const folder = await temporaryFolder();
  mkdirSync(join(folder, "tree"));
  writeFileSync(join(folder, "secret"), "");
  linkSync(join(folder, "secret"), join(folder, "tree", "mine"));
  await expect(settleFiles(join(folder, "tree"), undefined)).rejects.toThrow("neither a file");
});

testWithPip(
  "markers are evaluated on the Python that will run, extras left out",
  async ({ python }) => {
    const requirements = [
      'a>=1; python_version >= "3"',
      'b; python_version < "3"',
      "c; extra == 'x'",
    ];
    const environmentOf = () => markerEnvironment(python, undefined, runProgram);
    expect(await evaluateMarkers(requirements, environmentOf)).toEqual(["a>=1"]);
  },
);

test("top-level modules are read from RECORD: packages and modules, not data or private ones", async () => {
  const folder = await temporaryFolder();
  const info = join(folder, "alpha-1.0.dist-info");
  mkdirSync(info);
  writeFileSync(join(info, "METADATA"), "Name: alpha\nRequires-Dist: b>1\n\nRequires-Dist: no\n");
  const record = [
    ...["six.py,,", "alpha/__init__.py,,", "alpha/data.bin,,", "_alpha/__init__.py,,"],
    ...["fast.cpython-311-x86_64-linux-gnu.so,,", "alpha-1.0.dist-info/METADATA,,", "docs/x.txt,,"],
    ...["__pycache__/six.cpython-311.pyc,,", "../../bin/alpha,,"],
  ];
  writeFileSync(join(info, "RECORD"), `${record.join("\n")}\n`);
  expect(await readDistribution(folder, "alpha")).toEqual({
    requirements: ["b>1"],
    topLevel: ["alpha", "fast", "six"],
    folders: { regular: ["_alpha", "alpha"], bare: ["__pycache__", "docs"] },
  });
});
