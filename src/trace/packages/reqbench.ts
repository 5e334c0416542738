import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../basics/errors.js";
import { fileExists } from "../../basics/file-exists.js";
import { BYTES_PER_MIB, US_PER_MS } from "../../basics/units.js";
import type { PackageId } from "../../contract/package-set.js";
import type { Package } from "../../contract/workload.js";
import { DOWNLOAD_PER_DISK, MEMORY_PER_HEAP } from "../distributions/fits.js";
import { checkShape } from "../tables/check-shape.js";
import { readJson } from "../tables/json-file.js";
import type { PackageCatalogue, RequirementSet } from "./package-catalogue.js";

/** The file of ReqBench's functions. It is read if it is in the folder of the packages. */
export const REQBENCH_FUNCTIONS_FILE = "functions1793.json.gz";

/**
 * What was measured in OpenLambda, divided by what was measured in Docker: the quotient of the sums
 * over the 427 packages measured in both. It puts the other 73, measured only in Docker, on the
 * same scale.
 */
const OPENLAMBDA_PER_DOCKER = { importMs: 0.67, heapMb: 0.495 } as const;

const quantity = z.number().nonnegative();
const index = z.int().nonnegative();
const imported = z.object({ ms: quantity, mb: quantity });

const packagesShape = z.object({
  pkgs: z
    .array(
      z.object({
        name: z.string().min(1),
        version: z.string().min(1),
        pop_repos: quantity,
        install_ms: quantity,
        disk_bytes: quantity,
        docker: imported,
        openlambda: imported.optional(),
        direct_deps: z.array(index).default([]),
      }),
    )
    .min(1),
});
type MeasuredPackage = z.infer<typeof packagesShape>["pkgs"][number];

const functionsShape = z.object({
  functions: z.array(z.object({ closure: z.array(index), direct: z.array(index) })),
});

export function isReqBench(value: unknown): boolean {
  return typeof value === "object" && value !== null && "pkgs" in value;
}

/**
 * Measured Python packages and functions of ReqBench and Forklift (github.com/open-lambda), each as
 * one JSON document: `{pkgs: [...]}` and, in the same folder, `{functions: [...]}`.
 *
 * Import time and memory are exclusive: as measured in OpenLambda, or else as measured in Docker
 * and scaled. Memory is 4.4 times the Python heap. Downloaded bytes are an estimate, a quarter of
 * those on disk. Popularity is the number of distinct functions that name the package themselves;
 * without the functions it is the number of repositories whose closure has it.
 */
export async function readReqBench(path: string, value: unknown): Promise<PackageCatalogue> {
  const measured = checkShape(path, packagesShape, value).pkgs;
  measured.forEach(({ direct_deps }, id) => {
    checkIndexes(path, `pkgs.${id}.direct_deps`, direct_deps, measured.length);
  });
  const functionsPath = join(dirname(path), REQBENCH_FUNCTIONS_FILE);
  const present = await fileExists(functionsPath);
  const requirementSets = present ? await readFunctions(functionsPath, measured) : [];
  const named = new Float64Array(measured.length);
  for (const { direct } of requirementSets) for (const id of direct) named[id]++;
  return {
    source: `${basename(path)}: ReqBench and Forklift, measured in OpenLambda`,
    kind: "measured",
    path,
    packages: measured.map((each, id) =>
      packageOf(each, present ? named[id] : each.pop_repos, measured),
    ),
    requirementSets,
  };
}

function packageOf(
  each: MeasuredPackage,
  popularity: number,
  measured: readonly MeasuredPackage[],
): Package {
  const { openlambda, docker } = each;
  const importMs = openlambda?.ms ?? docker.ms * OPENLAMBDA_PER_DOCKER.importMs;
  const heapMb = openlambda?.mb ?? docker.mb * OPENLAMBDA_PER_DOCKER.heapMb;
  return {
    name: each.name,
    version: each.version,
    dependencies: oneVersionAName(each.direct_deps, measured),
    installUs: Math.round(each.install_ms * US_PER_MS),
    downloadBytes: Math.round(each.disk_bytes * DOWNLOAD_PER_DISK),
    diskBytes: Math.round(each.disk_bytes),
    importUs: Math.round(importMs * US_PER_MS),
    memoryBytes: Math.round(heapMb * MEMORY_PER_HEAP * BYTES_PER_MIB),
    popularity,
  };
}

/**
 * One version per name. The data join the dependencies of several resolutions, with the most used
 * version first.
 */
function oneVersionAName(
  ids: readonly PackageId[],
  measured: readonly MeasuredPackage[],
): PackageId[] {
  const byName = new Map<string, PackageId>();
  for (const id of ids) if (!byName.has(measured[id].name)) byName.set(measured[id].name, id);
  return [...byName.values()];
}

/**
 * Distinct closures of the functions, each drawn with equal probability: the 1,793 functions have
 * only 593, because many functions come from a few repositories of samples.
 */
async function readFunctions(
  path: string,
  measured: readonly MeasuredPackage[],
): Promise<readonly RequirementSet[]> {
  const value = await readJson(path, "functions next to the package catalogue");
  const { functions } = checkShape(path, functionsShape, value);
  const sets = new Map<string, RequirementSet>();
  functions.forEach(({ closure, direct }, at) => {
    const field = `functions.${at}`;
    checkIndexes(path, `${field}.closure`, closure, measured.length);
    const names = new Set(closure.map((id) => measured[id].name));
    if (names.size < closure.length) {
      throw new InputError(`${path}: ${field}.closure has a package in two versions`);
    }
    if (!direct.every((id) => closure.includes(id))) {
      throw new InputError(`${path}: ${field}.direct has packages that are not in its closure`);
    }
    const sorted = closure.toSorted((a, b) => a - b);
    const key = sorted.join(" ");
    if (!sets.has(key)) sets.set(key, { direct, closure: sorted, weight: 1 });
  });
  return [...sets.values()];
}

function checkIndexes(path: string, field: string, ids: readonly number[], count: number): void {
  const wrong = ids.find((id) => id >= count);
  if (wrong !== undefined) {
    throw new InputError(`${path}: ${field} has ${wrong}, expected indexes below ${count}`);
  }
}
