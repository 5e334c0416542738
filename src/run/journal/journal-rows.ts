import { PackageSet } from "../../contract/package-set.js";
import type { FunctionProfile, Package } from "../../contract/workload.js";

/** A package in a journal: the fields of `Package`, in their order. */
export type PackageRow = readonly [
  name: string,
  version: string,
  dependencies: readonly number[],
  installUs: number,
  downloadBytes: number,
  diskBytes: number,
  importUs: number,
  memoryBytes: number,
  popularity: number,
];

/** A function in a journal: the fields of `FunctionProfile`, in their order. */
export type FunctionRow = readonly [
  name: string,
  app: number,
  memoryBytes: number,
  requirements: readonly number[],
  closure: readonly number[],
  weight: number,
];

export function packageRow(each: Package): PackageRow {
  return [
    each.name,
    each.version,
    each.dependencies,
    each.installUs,
    each.downloadBytes,
    each.diskBytes,
    each.importUs,
    each.memoryBytes,
    each.popularity,
  ];
}

export function functionRow(each: FunctionProfile): FunctionRow {
  return [
    each.name,
    each.app,
    each.memoryBytes,
    [...each.requirements.ids],
    [...each.closure.ids],
    each.weight,
  ];
}

export function packageOf(row: PackageRow): Package {
  const [name, version, dependencies, installUs, downloadBytes, diskBytes] = row;
  const [, , , , , , importUs, memoryBytes, popularity] = row;
  return {
    name,
    version,
    dependencies,
    installUs,
    downloadBytes,
    diskBytes,
    importUs,
    memoryBytes,
    popularity,
  };
}

export function functionOf(row: FunctionRow): FunctionProfile {
  const [name, app, memoryBytes, requirements, closure, weight] = row;
  return {
    name,
    app,
    memoryBytes,
    requirements: new PackageSet(requirements),
    closure: new PackageSet(closure),
    weight,
  };
}
