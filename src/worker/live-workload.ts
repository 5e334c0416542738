import { InputError } from "../basics/errors.js";
import { BYTES_PER_MIB, US_PER_MS } from "../basics/units.js";
import { type PackageId, PackageSet } from "../contract/package-set.js";
import { addPlaces, type Places } from "../contract/places.js";
import type { Catalogue, FunctionId, FunctionProfile, Package } from "../contract/workload.js";
import type { PackageMeta } from "../real/packages/package-metadata.js";
import { normaliseName, parsePinned } from "../real/packages/package-names.js";

export const LIVE_SOURCE = "the worker's functions";
export const DEFAULT_PLACES: Places = { functions: 4096, packages: 4096 };

/**
 * Memory of a handler's own code and data. It is unknown, so it is assumed to be more than the 1
 * MiB of SOCK's pipbench.
 */
const HANDLER_BYTES = 8 * BYTES_PER_MIB;
/**
 * Memory of a package whose import has not been measured: half of its size on disk, as with numpy
 * and pandas.
 */
const MEMORY_PER_DISK = 0.5;
const MOST_MEMORY_BYTES = 64 * BYTES_PER_MIB;
/** Time of an import that has not been measured: that of a small package. */
const IMPORT_US = 10 * US_PER_MS;

/** Packages that pip-compile leaves out of its output, although others depend on them. */
const LEFT_OUT: ReadonlySet<string> = new Set(["distribute", "pip", "setuptools"]);

/** A function that was added, and the packages that no function had before. */
export interface Added {
  readonly functionId: FunctionId;
  readonly packageIds: readonly PackageId[];
}

/**
 * Functions and packages, whose number grows while an engine runs. Both tables have all their
 * places from the start, and each place is filled once. The arrays stay the same objects, so that
 * the engine and its policies see each addition.
 */
export class LiveWorkload {
  readonly functions: FunctionProfile[] = [];
  readonly packages: Package[] = [];
  readonly catalogue: Catalogue = { source: LIVE_SOURCE, packages: this.packages };
  readonly #interpreterBytes: number;
  readonly #ids = new Map<string, PackageId>();
  #functionCount = 0;

  constructor(interpreterBytes: number) {
    this.#interpreterBytes = interpreterBytes;
  }

  /** Makes all places. Must be called before the engine and its policies are created. */
  makePlaces(places: Places): void {
    addPlaces(this.functions, this.packages, places);
  }

  /**
   * Adds a function with these installed packages (from `name==version` to the package's metadata).
   * Errors: InputError if a dependency of a package is not one of them, or if a table is full.
   */
  add(name: string, installed: ReadonlyMap<string, PackageMeta>): Added {
    checkClosed(name, installed);
    const newKeys = [...installed.keys()].filter((key) => !this.#ids.has(key));
    if (
      this.#functionCount === this.functions.length ||
      this.#ids.size + newKeys.length > this.packages.length
    ) {
      throw new InputError(
        `${name}: the worker's table of functions or packages is full: restart it`,
      );
    }
    for (const key of newKeys) this.#ids.set(key, this.#ids.size);
    for (const key of newKeys) this.#fillPackage(key, installed.get(key)!, installed);
    const closure = new PackageSet([...installed.keys()].map((key) => this.#ids.get(key)!));
    let memoryBytes = this.#interpreterBytes + HANDLER_BYTES;
    for (const id of closure.ids) memoryBytes += this.packages[id].memoryBytes;
    const functionId = this.#functionCount++;
    this.functions[functionId] = {
      name,
      app: functionId,
      memoryBytes,
      requirements: closure,
      closure,
      weight: 1,
    };
    return { functionId, packageIds: newKeys.map((key) => this.#ids.get(key)!) };
  }

  #fillPackage(
    key: string,
    { dependencies, diskBytes }: PackageMeta,
    installed: ReadonlyMap<string, PackageMeta>,
  ): void {
    const names = new Set(dependencies.map(nameOf));
    const needed = [...installed.keys()].filter((other) => names.has(parsePinned(other)!.name));
    this.packages[this.#ids.get(key)!] = {
      ...parsePinned(key)!,
      installUs: 0,
      downloadBytes: 0,
      dependencies: needed.map((other) => this.#ids.get(other)!),
      diskBytes,
      importUs: IMPORT_US,
      memoryBytes: Math.min(Math.round(diskBytes * MEMORY_PER_DISK), MOST_MEMORY_BYTES),
      popularity: 1,
    };
  }
}

/** Names all packages that are in two versions, and all dependencies that are not there. */
function checkClosed(name: string, installed: ReadonlyMap<string, PackageMeta>): void {
  const given = [...installed.keys()].map((key) => parsePinned(key)!.name);
  const names = new Set(given);
  const faults = given
    .filter((each, at) => given.indexOf(each) !== at)
    .map((each) => `${each} is there in two versions`);
  for (const [key, { dependencies }] of installed) {
    for (const each of dependencies) {
      if (names.has(nameOf(each)) || LEFT_OUT.has(nameOf(each))) continue;
      faults.push(`${key} depends on ${each}, which requirements.txt lacks`);
    }
  }
  if (faults.length === 0) return;
  throw new InputError(`${name}: ${faults.join("; ")}: list all, as pip-compile does`);
}

/** The name in a requirement that is written as in PEP 508. */
function nameOf(requirement: string): string {
  return normaliseName(/^[A-Za-z0-9._-]+/.exec(requirement)?.[0] ?? "");
}
