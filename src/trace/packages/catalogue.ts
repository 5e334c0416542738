import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../../basics/errors.js";
import type { PackageId } from "../../contract/package-set.js";
import type { Catalogue, Package } from "../../contract/workload.js";
import { checkShape } from "../tables/check-shape.js";
import { readJson } from "../tables/json-file.js";
import type { PackageCatalogue } from "./package-catalogue.js";
import { isReqBench, readReqBench } from "./reqbench.js";

export const CATALOGUE_SCHEMA = "socklab.catalogue/1";
const quantity = z.number().nonnegative();
const integer = z.int().nonnegative();
const packageReference = z.union([integer, z.string()]);

const catalogueShape = z.object({
  schema: z.literal(CATALOGUE_SCHEMA),
  source: z.string(),
  kind: z.enum(["invented", "measured"]).optional(),
  packages: z
    .array(
      z.object({
        name: z.string().min(1),
        version: z.string().min(1),
        dependencies: z.array(packageReference),
        installUs: integer,
        downloadBytes: integer,
        diskBytes: integer,
        importUs: integer,
        memoryBytes: integer,
        popularity: quantity,
      }),
    )
    .min(1),
  requirementSets: z
    .array(
      z.object({
        direct: z.array(packageReference).min(1),
        weight: z.number().positive().default(1),
      }),
    )
    .default([]),
});

/**
 * The catalogue in a JSON file, plain or gzip: socklab's own (docs/reference/packages.md) or ReqBench's
 * packages.json. Errors: InputError with file and field.
 */
export async function readCatalogue(path: string): Promise<PackageCatalogue> {
  const value = await readJson(path, "a package catalogue");
  if (isReqBench(value)) return readReqBench(path, value);
  const shape = checkShape(path, catalogueShape, value);
  const { source, packages, requirementSets } = shape;
  // catalogues that socklab made before files named the kind
  const kind = shape.kind ?? (source.startsWith("invented ") ? "invented" : undefined);
  const ids = indexPackages(path, packages);
  const resolve = (references: readonly (string | number)[], field: string): PackageId[] =>
    references.map((reference, at) => {
      const id = typeof reference === "number" ? reference : ids.get(reference);
      if (id !== undefined && id < packages.length) return id;
      throw new InputError(
        `${path}: ${field}.${at} is ${reference}, expected an index below ${packages.length} or a name==version of the catalogue`,
      );
    });
  return {
    source: `${basename(path)}: ${source}`,
    ...(kind !== undefined && { kind }),
    path,
    packages: packages.map((each, id) => ({
      ...each,
      dependencies: resolve(each.dependencies, `packages.${id}.dependencies`),
    })),
    requirementSets: requirementSets.map(({ direct, weight }, at) => ({
      direct: resolve(direct, `requirementSets.${at}.direct`),
      closure: undefined,
      weight,
    })),
  };
}

/** Text of a catalogue in socklab's own format, one package per line. */
export function formatCatalogue(catalogue: Catalogue, command: string): string {
  const packages = catalogue.packages.map((each) => JSON.stringify(each)).join(",\n");
  const { source, kind } = catalogue;
  const head = { schema: CATALOGUE_SCHEMA, source, ...(kind !== undefined && { kind }), command };
  return `${JSON.stringify(head).slice(0, -1)},"packages":[\n${packages}\n]}\n`;
}

/** `name==version`, as requirement files write it. */
export function packageKey({ name, version }: Pick<Package, "name" | "version">): string {
  return `${name}==${version}`;
}

/** Ids by `name==version`. Errors: InputError if a package appears twice. */
function indexPackages(
  path: string,
  packages: readonly Pick<Package, "name" | "version">[],
): ReadonlyMap<string, PackageId> {
  const ids = new Map<string, PackageId>();
  packages.forEach((each, id) => {
    const key = packageKey(each);
    const first = ids.get(key);
    if (first !== undefined) {
      throw new InputError(
        `${path}: packages.${id} is ${key}, and so is packages.${first}: expected each once`,
      );
    }
    ids.set(key, id);
  });
  return ids;
}
