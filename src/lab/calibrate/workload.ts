import { InputError } from "../../basics/errors.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import { importedBytes } from "../../contract/footprint.js";
import { type PackageId, PackageSet } from "../../contract/package-set.js";
import type { Catalogue, FunctionId, FunctionProfile } from "../../contract/workload.js";

/** A package whose import is measured after its dependencies are imported. */
export interface Importer {
  readonly packageId: PackageId;
  readonly dependencies: Int32Array;
  /** A function that requires only the package. */
  readonly functionId: FunctionId;
}

/** What a calibration runs: functions, and packages for its Zygotes. */
export interface CalibrationWorkload {
  readonly catalogue: Catalogue;
  readonly functions: readonly FunctionProfile[];
  /** A function that needs no package and keeps one page of memory. */
  readonly plain: FunctionId;
  /** A function like `plain` that uses a core all the time it runs. */
  readonly burner: FunctionId;
  /** Functions that need no package and keep `mib` MiB of memory. */
  readonly keepers: readonly { readonly functionId: FunctionId; readonly mib: number }[];
  readonly importers: readonly Importer[];
  /** Closures of rising size, for Zygotes. */
  readonly trees: readonly Int32Array[];
  /** All packages that the functions and trees need. */
  readonly packages: readonly PackageId[];
}

/** Shortest import for which the fixed part is small against the catalogue's time. */
export const LONG_IMPORT_US = 10_000;
/** Longest import for which the factor on the catalogue's time hardly matters. */
export const SHORT_IMPORT_US = 2_000;

const IMPORTERS = 24;
const PAGE_BYTES = 4096;
const FIRST_KEEPER = 2;
const KEPT_MIB = [16, 64, 128];
const TREE_MIB = [6, 16, 32, 64];
/** Longest import of a closure for which a calibration has time. */
const LONGEST_IMPORT_US = 700_000;

/**
 * Chooses packages of the catalogue: some evenly over import times, and closures near round sizes.
 * Errors: InputError if the catalogue has too few packages, or no short or no long import.
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
      `${catalogue.source}: a calibration needs ${IMPORTERS} packages, with at least one import of at most ${SHORT_IMPORT_US} us and one of at least ${LONG_IMPORT_US} us`,
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

/** A package and all packages that it depends on. */
function closureOf({ packages }: Catalogue, root: PackageId): PackageSet {
  const reached = new Set<PackageId>([root]);
  for (const id of reached) for (const other of packages[id].dependencies) reached.add(other);
  return new PackageSet([...reached]);
}

/** Picks `count` values evenly, including the first and the last. */
function evenly<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values];
  return Array.from(
    { length: count },
    (_, at) => values[Math.round((at * (values.length - 1)) / (count - 1))]!,
  );
}
