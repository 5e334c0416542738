import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  formatCatalogue,
  packageKey,
  readCatalogue,
} from "../../../src/trace/packages/catalogue.js";
import { closeOverDependencies } from "../../../src/trace/packages/requirements.js";
import { DATA_ABSENT, DATA_FOLDER } from "../cuts.js";
import { makeFolder } from "../temporary-files.js";

const PACKAGE = {
  name: "alpha",
  version: "1.0",
  dependencies: [] as (number | string)[],
  installUs: 500_000,
  downloadBytes: 100,
  diskBytes: 400,
  importUs: 1_000,
  memoryBytes: 4_096,
  popularity: 1,
};

function catalogueText(packages: readonly object[], more: object = {}): string {
  return JSON.stringify({ schema: "socklab.catalogue/1", source: "test", packages, ...more });
}

function fileOf(text: string | Buffer, name = "catalogue.json"): string {
  return join(makeFolder({ [name]: text }), name);
}

const BETA = { ...PACKAGE, name: "beta", dependencies: ["alpha==1.0"] };

describe("a catalogue in socklab's format", () => {
  it("is read plain or gzip, with dependencies by index or by name==version", async () => {
    const text = catalogueText([PACKAGE, BETA, { ...BETA, name: "gamma", dependencies: [1, 0] }]);
    for (const content of [text, gzipSync(text)]) {
      const { packages } = await readCatalogue(fileOf(content));
      expect(packages.map(({ dependencies }) => dependencies)).toEqual([[], [0], [1, 0]]);
      expect(packages[0]).toEqual(PACKAGE);
    }
  });

  it("may have requirement sets, with weight 1 if it states no weight", async () => {
    const sets = [{ direct: ["beta==1.0"], weight: 3 }, { direct: [0] }];
    const path = fileOf(catalogueText([PACKAGE, BETA], { requirementSets: sets }));
    expect((await readCatalogue(path)).requirementSets).toEqual([
      { direct: [1], closure: undefined, weight: 3 },
      { direct: [0], closure: undefined, weight: 1 },
    ]);
  });

  it("is equal after it is written and read", async () => {
    const { packages } = await readCatalogue(fileOf(catalogueText([PACKAGE, BETA])));
    const path = fileOf(formatCatalogue({ source: "test", packages }, "a command"));
    expect((await readCatalogue(path)).packages).toEqual(packages);
  });

  it.each([
    ["a negative size", [{ ...PACKAGE, diskBytes: -1 }], "packages.0.diskBytes"],
    ["a time that is not an integer", [{ ...PACKAGE, importUs: 1.5 }], "packages.0.importUs"],
    ["a missing field", [{ ...PACKAGE, version: undefined }], "packages.0.version"],
    ["a text for a number", [PACKAGE, { ...BETA, importUs: "1" }], "packages.1.importUs"],
    ["no packages", [], "packages"],
    [
      "an unknown dependency",
      [{ ...PACKAGE, dependencies: ["x==1"] }],
      "packages.0.dependencies.0 is x==1",
    ],
    [
      "an index out of range",
      [{ ...PACKAGE, dependencies: [1] }],
      "packages.0.dependencies.0 is 1",
    ],
    ["a package twice", [PACKAGE, PACKAGE], "packages.1 is alpha==1.0, and so is packages.0"],
  ])("is refused with %s, in one line with file and field", async (_, packages, field) => {
    const path = fileOf(catalogueText(packages));
    const error = await readCatalogue(path).catch((caught: Error) => caught);
    expect(error).toMatchObject({ name: "InputError" });
    const { message } = error as Error;
    expect(message).toContain(`${path}: ${field}`);
    expect(message).not.toContain("\n");
  });

  it.each([
    ["missing", undefined, "no such file"],
    ["no JSON", "{", "not JSON"],
    ["gzip that is cut off", gzipSync(catalogueText([PACKAGE])).subarray(0, 60), "cut off gzip"],
    ["of another schema", '{"schema":"other/1"}', "schema"],
    ["an array", "[]", "the file"],
  ])("is refused when it is %s", async (_, content, reason) => {
    const path = content === undefined ? "/nowhere/catalogue.json" : fileOf(content);
    const error = await readCatalogue(path).catch((caught: Error) => caught);
    expect(error).toMatchObject({ name: "InputError" });
    expect((error as Error).message).toContain(path);
    expect((error as Error).message).toContain(reason);
    expect((error as Error).message).not.toContain("\n");
  });
});

describe("a catalogue of ReqBench", () => {
  const measured = (name: string, more: object = {}) => ({
    name,
    version: "1",
    pop_repos: 5,
    install_ms: 500.25,
    disk_bytes: 1_000,
    docker: { ms: 10, mb: 2 },
    ...more,
  });

  it("prefers OpenLambda's figures and scales Docker's", async () => {
    const openlambda = { ms: 4, mb: 1 };
    const pkgs = [measured("a", { openlambda }), measured("b", { direct_deps: [0] })];
    const { packages } = await readCatalogue(fileOf(JSON.stringify({ pkgs })));
    // a: 4 ms, 4.4 x 1 MiB. b: 10 ms x .67, 4.4 x 2 MB x .495 in MiB. Downloads are a quarter of
    // the disk.
    expect(packages[0]).toMatchObject({ importUs: 4_000, memoryBytes: Math.round(4.4 * 2 ** 20) });
    expect(packages[1]).toMatchObject({
      importUs: 6_700,
      memoryBytes: Math.round(4.356 * 2 ** 20),
    });
    expect(packages[0]).toMatchObject({ installUs: 500_250, downloadBytes: 250, popularity: 5 });
  });

  it("keeps the first of two versions of a dependency", async () => {
    const pkgs = [
      measured("a"),
      measured("a", { version: "2" }),
      measured("b", { direct_deps: [0, 1] }),
    ];
    const { packages } = await readCatalogue(fileOf(JSON.stringify({ pkgs })));
    expect(packages[2].dependencies).toEqual([0]);
  });

  it("counts popularity in the distinct functions next to it", async () => {
    const functions = [
      { closure: [0, 1], direct: [1] },
      { closure: [1, 0], direct: [1] },
      { closure: [0], direct: [0] },
    ];
    const folder = makeFolder({
      "packages.json": JSON.stringify({
        pkgs: [measured("a"), measured("b", { direct_deps: [0] })],
      }),
      "functions1793.json.gz": JSON.stringify({ functions }),
    });
    const catalogue = await readCatalogue(join(folder, "packages.json"));
    expect(catalogue.requirementSets).toHaveLength(2);
    expect(catalogue.packages.map(({ popularity }) => popularity)).toEqual([1, 1]);
  });

  it.each([
    [[measured("a", { install_ms: -1 })], "pkgs.0.install_ms"],
    [[measured("a", { direct_deps: [7] })], "pkgs.0.direct_deps has 7"],
    [[measured("a", { docker: undefined })], "pkgs.0.docker"],
  ])("is refused with file and field (%#)", async (pkgs, field) => {
    const path = fileOf(JSON.stringify({ pkgs }));
    await expect(readCatalogue(path)).rejects.toThrow(`${path}: ${field}`);
  });

  it.each([
    [{ closure: [9], direct: [] }, "functions.0.closure has 9"],
    [{ closure: [0], direct: [1] }, "functions.0.direct"],
    [{ direct: [0] }, "functions.0.closure"],
  ])("names the functions file where that is wrong (%#)", async (entry, field) => {
    const folder = makeFolder({
      "packages.json": JSON.stringify({ pkgs: [measured("a"), measured("b")] }),
      "functions1793.json.gz": JSON.stringify({ functions: [entry] }),
    });
    const reading = readCatalogue(join(folder, "packages.json"));
    await expect(reading).rejects.toThrow(`functions1793.json.gz: ${field}`);
  });
});

describe.skipIf(DATA_ABSENT)("the real packages.json.gz (skipped without ../shared/data)", () => {
  const reading = DATA_ABSENT
    ? undefined
    : readCatalogue(join(DATA_FOLDER, "packages/packages.json.gz"));

  it("has 500 versions of 386 packages and 593 distinct requirement sets", async () => {
    const { packages, requirementSets } = (await reading)!;
    expect(packages).toHaveLength(500);
    expect(new Set(packages.map(({ name }) => name)).size).toBe(386);
    expect(requirementSets).toHaveLength(593);
  });

  it("imports numpy 1.25.2 in 47.394 ms and 4.4 x 3.867 MiB", async () => {
    const numpy = (await reading)!.packages.find((each) => packageKey(each) === "numpy==1.25.2");
    expect(numpy).toMatchObject({
      importUs: 47_394,
      installUs: 2_265_301,
      diskBytes: 72_018_586,
      memoryBytes: Math.round(4.4 * 3.867 * 2 ** 20),
    });
  });

  it("has numpy, python-dateutil, pytz, six and tzdata in the closure of pandas 2.1.0", async () => {
    const catalogue = (await reading)!;
    const pandas = catalogue.packages.findIndex((each) => packageKey(each) === "pandas==2.1.0");
    const closure = [...closeOverDependencies(catalogue, [pandas]).ids];
    expect(closure.map((id) => catalogue.packages[id].name).sort()).toEqual([
      "numpy",
      "pandas",
      "python-dateutil",
      "pytz",
      "six",
      "tzdata",
    ]);
  });

  it("resolves nine of ten requirement sets as pip did, by name", async () => {
    // Its dependencies are those of all resolutions together, so a marker may add one too many.
    const catalogue = (await reading)!;
    const namesOf = (ids: Iterable<number>) =>
      Array.from(ids, (id) => catalogue.packages[id].name)
        .sort()
        .join();
    const alike = catalogue.requirementSets.filter(
      ({ direct, closure }) =>
        namesOf(closure!) === namesOf(closeOverDependencies(catalogue, direct).ids),
    );
    expect(alike).toHaveLength(548);
  });
});
