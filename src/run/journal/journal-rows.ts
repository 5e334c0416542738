import { PackageSet } from "../../contract/package-set.js";
import type { Family } from "../../contract/policy.js";
import type { TrainedFunction } from "../../contract/training.js";
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

/** A function in a journal: the fields of `FunctionProfile`; trigger and owner if they are known. */
export type FunctionRow = readonly [
  name: string,
  app: number,
  memoryBytes: number,
  requirements: readonly number[],
  closure: readonly number[],
  weight: number,
  trigger?: string | null,
  owner?: string | null,
];

/** Per family, the functions to which its policy is fitted, each as its closure and its weight. */
export type TrainedRows = Partial<
  Record<Family, readonly (readonly [closure: readonly number[], weight: number])[]>
>;

/**
 * Per function, its arrivals: the time since the one before it and how long it runs, in turns, in
 * microseconds.
 */
export type FutureRows = readonly (readonly number[])[];

interface ArrivalColumns {
  readonly atUs: Float64Array;
  readonly runUs: Float64Array;
}

export function futureRows(future: readonly ArrivalColumns[]): FutureRows {
  return future.map(({ atUs, runUs }) =>
    [...atUs].flatMap((us, at) => [us - (atUs[at - 1] ?? 0), runUs[at]]),
  );
}

export function futureOf(rows: FutureRows): readonly ArrivalColumns[] {
  return rows.map((row) => {
    const atUs = new Float64Array(row.length / 2);
    const runUs = new Float64Array(row.length / 2);
    for (let at = 0; at < atUs.length; at++) {
      atUs[at] = (atUs[at - 1] ?? 0) + row[2 * at];
      runUs[at] = row[2 * at + 1];
    }
    return { atUs, runUs };
  });
}

export function trainedRows(
  trained: Partial<Record<Family, readonly TrainedFunction[]>>,
): TrainedRows {
  return mapFamilies(trained, (functions) =>
    functions.map(({ closure, weight }) => [[...closure.ids], weight] as const),
  );
}

export function trainedOf(rows: TrainedRows): Partial<Record<Family, readonly TrainedFunction[]>> {
  return mapFamilies(rows, (functions) =>
    functions.map(([closure, weight]) => ({ closure: new PackageSet(closure), weight })),
  );
}

function mapFamilies<A, B>(
  values: Partial<Record<Family, A>>,
  map: (value: A) => B,
): Partial<Record<Family, B>> {
  return Object.fromEntries(
    Object.entries(values).map(([family, value]) => [family, map(value)]),
  ) as Partial<Record<Family, B>>;
}

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
  const { trigger, owner } = each;
  const isKnown = trigger !== undefined || owner !== undefined;
  const row = [
    each.name,
    each.app,
    each.memoryBytes,
    [...each.requirements.ids],
    [...each.closure.ids],
    each.weight,
  ] as const;
  return isKnown ? [...row, trigger ?? null, owner ?? null] : row;
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
  const [name, app, memoryBytes, requirements, closure, weight, trigger, owner] = row;
  return {
    name,
    app,
    ...(typeof trigger === "string" && { trigger }),
    ...(typeof owner === "string" && { owner }),
    memoryBytes,
    requirements: new PackageSet(requirements),
    closure: new PackageSet(closure),
    weight,
  };
}
