import { PackageSet } from "./package-set.js";
import type { FunctionProfile, Package } from "./workload.js";

/** How many functions and packages a worker can receive while it runs. */
export interface Places {
  readonly functions: number;
  readonly packages: number;
}

const EMPTY_PACKAGE: Package = {
  name: "",
  version: "",
  dependencies: [],
  installUs: 0,
  downloadBytes: 0,
  diskBytes: 0,
  importUs: 0,
  memoryBytes: 0,
  popularity: 0,
};
/**
 * It has a package, as later functions will, so that a policy that needs packages is not refused.
 */
const EMPTY_FUNCTION: FunctionProfile = {
  name: "",
  app: 0,
  memoryBytes: 0,
  requirements: PackageSet.EMPTY,
  closure: new PackageSet([0]),
  weight: 0,
};

/** Whether a place of the table of packages is empty. */
export function isEmptyPlace({ name }: Package): boolean {
  return name === EMPTY_PACKAGE.name;
}

/**
 * Fills both tables up with empty places. The size of an engine's tables is fixed at the start, so
 * a worker puts later functions and packages into places that exist already.
 */
export function addPlaces(functions: FunctionProfile[], packages: Package[], places: Places): void {
  while (functions.length < places.functions) {
    functions.push({ ...EMPTY_FUNCTION, app: functions.length });
  }
  while (packages.length < places.packages) packages.push(EMPTY_PACKAGE);
}
