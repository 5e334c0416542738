import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { groupsOf, MergedPackages } from "../../../src/real/packages/merged-packages.js";
import { foldersOf, type PackageMeta } from "../../../src/real/packages/package-metadata.js";
import { temporaryFolder } from "../../cli/run-cli.js";

/** The metadata of a distribution with these files. */
function meta(paths: readonly string[], dependencies: readonly string[] = []): PackageMeta {
  return { dependencies: [...dependencies], topLevel: [], diskBytes: 0, folders: foldersOf(paths) };
}

const QT = meta(
  ["PyQt6/__init__.py", "PyQt6/QtCore.abi3.so"],
  ["PyQt6-sip<14,>=13.8", "PyQt6-Qt6"],
);
const QT_LIBRARIES = meta(["PyQt6/Qt6/lib/libQt6Core.so.6"]);
const SIP = meta(["PyQt6/sip.cpython-311-x86_64-linux-gnu.so"]);

test("distributions that put files into one regular package are a group; all others are not", () => {
  const installed = new Map([
    ["pyqt6==6", QT],
    ["pyqt6-qt6==6", QT_LIBRARIES],
    ["pyqt6-sip==13", SIP],
    ["six==1", meta(["six.py"])],
  ]);
  expect(groupsOf(installed)).toEqual([["pyqt6==6", "pyqt6-qt6==6", "pyqt6-sip==13"]]);
});

test("a namespace package, which has no __init__.py anywhere, needs no merging", () => {
  const storage = meta(["google/cloud/storage/__init__.py"]);
  const bigquery = meta(["google/cloud/bigquery/__init__.py"]);
  expect(
    groupsOf(
      new Map([
        ["a==1", storage],
        ["b==1", bigquery],
      ]),
    ),
  ).toEqual([]);
});

test("a regular package within a namespace package can be shared, too", () => {
  const one = meta(["nvidia/cublas/__init__.py", "nvidia/cublas/lib/a.so"]);
  const two = meta(["nvidia/cublas/__init__.py", "nvidia/cublas/extra.py"]);
  const three = meta(["nvidia/cudnn/__init__.py"]);
  const installed = new Map([
    ["a==1", one],
    ["b==1", two],
    ["c==1", three],
  ]);
  expect(groupsOf(installed)).toEqual([["a==1", "b==1"]]);
});

test("groups that have a distribution in common are one", () => {
  const installed = new Map([
    ["a==1", meta(["x/__init__.py"])],
    ["b==1", meta(["x/b.py", "y/__init__.py"])],
    ["c==1", meta(["y/c.py"])],
  ]);
  expect(groupsOf(installed)).toEqual([["a==1", "b==1", "c==1"]]);
});

function place(packages: string, key: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(packages, key, "site-packages", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

test("a merged folder has the files of all; of two with one name, that of the dependent package", async () => {
  const packages = await temporaryFolder();
  place(packages, "base==1", {
    "x/__init__.py": "",
    "x/low.py": "low",
    "base-1.dist-info/RECORD": "",
  });
  place(packages, "top==1", { "x/__init__.py": "top", "x/data/a.txt": "a" });
  const installed = new Map([
    ["top==1", meta(["x/__init__.py", "x/data/a.txt"], ["base>=1"])],
    ["base==1", meta(["x/__init__.py", "x/low.py"])],
  ]);
  const merged = new MergedPackages(packages);
  const [name, ...more] = merged.foldersFor(installed);
  expect(more).toEqual([]);
  merged.make([name]);
  const files = join(packages, name, "site-packages");
  expect(readdirSync(files)).toEqual(["x"]); // each distribution still describes itself once
  expect(readFileSync(join(files, "x/__init__.py"), "utf8")).toBe("top");
  expect(readdirSync(join(files, "x")).sort()).toEqual(["__init__.py", "data", "low.py"]);
  merged.drop("base==1");
  expect(readdirSync(packages).sort()).toEqual(["base==1", "top==1"]);
  merged.make(merged.foldersFor(installed));
  expect(readdirSync(packages)).toContain(name);
});
