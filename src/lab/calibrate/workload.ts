import { InputError } from "../../basics/errors.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import { importedBytes } from "../../contract/footprint.js";
import { type PackageId, PackageSet } from "../../contract/package-set.js";
import type { Catalogue, FunctionId, FunctionProfile } from "../../contract/workload.js";

/** A package to import with its dependencies imported before. */
export interface Importer {
  readonly packageId: PackageId;
  readonly dependencies: Int32Array;
  /** Names the package alone. */
  readonly functionId: FunctionId;
}

/** What a calibration makes: functions, and packages for its Zygotes. */
export interface CalibrationWorkload {
  readonly catalogue: Catalogue;
  readonly functions: readonly FunctionProfile[];
  /** Needs nothing and keeps a page, as functions of traces keep more. */
  readonly plain: FunctionId;
  /** The same, but busy all the time it runs. */
  readonly burner: FunctionId;
  /** Need nothing and keep so many MiB. */
  readonly keepers: readonly { readonly functionId: FunctionId; readonly mib: number }[];
  readonly importers: readonly Importer[];
  /** Closures of rising size, for Zygotes. */
  readonly trees: readonly Int32Array[];
  /** All packages named here. */
  readonly packages: readonly PackageId[];
}

/** From here on what an import takes beyond the catalogue's time is noise against it. */
export const LONG_IMPORT_US = 10_000;
/** Up to here the factor on the catalogue's time hardly matters. */
export const SHORT_IMPORT_US = 2_000;

const IMPORTERS = 24;
const PAGE_BYTES = 4096;
const FIRST_KEEPER = 2;
const KEPT_MIB = [16, 64, 128];
const TREE_MIB = [6, 16, 32, 64];
/** Longest import of a closure that a calibration has time for. */
const LONGEST_IMPORT_US = 700_000;

/**
 * Chooses packages of the catalogue: evenly over import times, and closures near round sizes. Errors:
 * InputError where it has too few, or none that is quick or slow to import.
 */
export function calibrationWorkload(catalogue: Catalogue): CalibrationWorkload {
  const { packages } = catalogue;
  const closures = packages.map((_, id) => closureOf(catalogue, id));
  const usOf = (closure: PackageSet) =>
    Array.from(closure.ids).reduce((sum, id) => sum + packages[id].importUs, 0);
  const candidates = [...packages.keys()].filter((id) => usOf(closures[id]) <= LONGEST_IMPORT_US);
  const byImport = candidates.toSorted((a, b) => packages[a].importUs - packages[b].importUs);
  const imported = evenly(byImport, IMPORTERS);
  const times = imported.map((id) => packages[id].importUs);
  if (
    imported.length < IMPORTERS ||
    !(times[0] <= SHORT_IMPORT_US && times.at(-1)! >= LONG_IMPORT_US)
  ) {
    throw new InputError(
      `${catalogue.source}: a calibration needs ${IMPORTERS} packages, from imports of at most ${SHORT_IMPORT_US} us to some of at least ${LONG_IMPORT_US} us`,
    );
  }
  const trees = TREE_MIB.map((mib) => {
    const distance = (id: PackageId) =>
      Math.abs(importedBytes(closures[id], packages) - mib * BYTES_PER_MIB);
    return closures[candidates.reduce((best, id) => (distance(id) < distance(best) ? id : best))];
  });
  const nothing = new PackageSet([]);
  const functions: FunctionProfile[] = [
    profile("plain", nothing, nothing, PAGE_BYTES),
    profile("burner", nothing, nothing, PAGE_BYTES),
    ...KEPT_MIB.map((mib) => profile(`keeper-${mib}`, nothing, nothing, mib * BYTES_PER_MIB)),
    ...imported.map((id) => profile(`importer-${id}`, new PackageSet([id]), closures[id], 0)),
  ];
  const used = [...imported.map((id) => closures[id]), ...trees].flatMap(({ ids }) => [...ids]);
  return {
    catalogue,
    functions,
    plain: 0,
    burner: 1,
    keepers: KEPT_MIB.map((mib, at) => ({ functionId: FIRST_KEEPER + at, mib })),
    importers: imported.map((packageId, at) => ({
      packageId,
      dependencies: closures[packageId].ids.filter((id) => id !== packageId),
      functionId: FIRST_KEEPER + KEPT_MIB.length + at,
    })),
    trees: trees.map(({ ids }) => ids),
    packages: [...new Set(used)].sort((a, b) => a - b),
  };
}

function profile(
  name: string,
  requirements: PackageSet,
  closure: PackageSet,
  memoryBytes: number,
): FunctionProfile {
  return { name: `calibrate-${name}`, app: 0, memoryBytes, requirements, closure, weight: 1 };
}

/** A package with all it depends on. */
function closureOf({ packages }: Catalogue, root: PackageId): PackageSet {
  const reached = new Set<PackageId>([root]);
  for (const id of reached) for (const other of packages[id].dependencies) reached.add(other);
  return new PackageSet([...reached]);
}

/** `count` of the values, the first and the last among them. */
function evenly<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values];
  return Array.from(
    { length: count },
    (_, at) => values[Math.round((at * (values.length - 1)) / (count - 1))]!,
  );
}
