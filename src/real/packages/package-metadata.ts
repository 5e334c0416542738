import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { normaliseName } from "./package-names.js";

const META_SCHEMA = "socklab.package/2";
export const META_FILE = "meta.json";
/** Libraries recognise installed code by this name of its folder. */
export const FILES_FOLDER = "site-packages";

const metaShape = z.object({
  schema: z.literal(META_SCHEMA),
  /** Requirements of this package on this Python, as PEP 508 writes them, markers evaluated. */
  dependencies: z.array(z.string()),
  /** Modules of the package that can be imported by one name. */
  topLevel: z.array(z.string()),
  diskBytes: z.int().nonnegative(),
});
/** What is stored on disk about an installed package. */
export type PackageMeta = Omit<z.infer<typeof metaShape>, "schema">;

/**
 * Writes `meta.json` next to a package's files. This is the last step before the package moves to
 * its place.
 */
export async function writeMeta(folder: string, meta: PackageMeta): Promise<void> {
  await writeFile(join(folder, META_FILE), `${JSON.stringify({ schema: META_SCHEMA, ...meta })}\n`);
}

/** Reads `meta.json`; undefined: there is none, or it cannot be trusted. */
export async function readMeta(folder: string): Promise<PackageMeta | undefined> {
  const text = await readFile(join(folder, META_FILE), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { schema: _, ...meta } = metaShape.parse(JSON.parse(text));
    return meta;
  } catch {
    return undefined;
  }
}

export interface Distribution {
  /** Requires-Dist lines unchanged, with their markers. */
  readonly requirements: readonly string[];
  readonly topLevel: readonly string[];
}

/**
 * Reads what a distribution installed in `files` says about itself (PEP 376, core metadata).
 * Errors: a plain Error with one line if there is no distribution of that name.
 */
export async function readDistribution(files: string, name: string): Promise<Distribution> {
  const info = (await readdir(files)).find((each) => {
    const match = /^(.+?)-[^-]+\.dist-info$/.exec(each);
    return match !== null && normaliseName(match[1]) === name;
  });
  if (info === undefined) throw new Error(`no metadata of ${name} was installed`);
  const metadata = await readFile(join(files, info, "METADATA"), "utf8");
  const header = metadata.replaceAll("\r\n", "\n").split("\n\n", 1)[0];
  const requirements = [...header.matchAll(/^Requires-Dist:[ \t]*(.+)$/gim)].map((match) =>
    match[1].trim(),
  );
  const record = await readFile(join(files, info, "RECORD"), "utf8");
  return { requirements, topLevel: topLevelOf(record) };
}

/**
 * Modules and packages directly below the root, from the paths in RECORD; private ones are left
 * out.
 */
function topLevelOf(record: string): readonly string[] {
  const modules = new Set<string>();
  for (const line of record.split("\n")) {
    const path = (line.startsWith('"') ? line.slice(1).split('"', 1) : line.split(",", 1))[0];
    const [first, ...rest] = path.split("/");
    const isPackage = rest.length > 0 && rest.at(-1)!.endsWith(".py");
    const name = isPackage ? first : /^([^/.]+)(?:\.[^/]*)?\.(?:py|so)$/.exec(path)?.[1];
    if (name !== undefined && /^[A-Za-z][A-Za-z0-9_]*$/.test(name)) modules.add(name);
  }
  return [...modules].sort();
}
