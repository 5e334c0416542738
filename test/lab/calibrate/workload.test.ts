import { expect, test } from "vitest";
import { calibrationWorkload } from "../../../src/lab/calibrate/workload.js";
import { readCatalogue } from "../../../src/trace/packages/catalogue.js";
import { makePackage } from "../../engine/harness.js";

test("from the shipped catalogue: every chosen package comes with all its dependencies", async () => {
  const catalogue = await readCatalogue("traces/catalogue.json.gz");
  const { packages, importers, trees, functions } = calibrationWorkload(catalogue);
  const known = new Set(packages);
  for (const id of packages) {
    for (const other of catalogue.packages[id].dependencies) expect(known).toContain(other);
  }
  for (const { packageId, dependencies, functionId } of importers) {
    const closure = [...functions[functionId].closure.ids];
    expect([...dependencies, packageId].sort((a, b) => a - b)).toEqual(closure);
    expect([...functions[functionId].requirements.ids]).toEqual([packageId]);
  }
  const sizes = trees.map((ids) =>
    ids.reduce((sum, id) => sum + catalogue.packages[id].memoryBytes, 0),
  );
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(sizes.at(-1)! / sizes[0]).toBeGreaterThan(4);
});

test("a catalogue that is too small or has no long import is refused", () => {
  const quick = Array.from({ length: 30 }, () => makePackage({ importUs: 500 }));
  const slow = makePackage({ importUs: 20_000 });
  const of = (packages: typeof quick) => () =>
    calibrationWorkload({ source: "mine.json", packages });
  expect(of(quick)).toThrow(/^mine\.json: a calibration needs 24 packages/);
  expect(of([slow, ...quick.slice(0, 22)])).toThrow(/^mine\.json: a calibration needs/);
  expect(of([slow, ...quick])().importers).toHaveLength(24);
});
