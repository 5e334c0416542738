import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { normaliseName } from "./package-names.js";

const META_SCHEMA = "socklab.package/3";
export const META_FILE = "meta.json";
/** Libraries recognise installed code by this name of its folder. */
export const FILES_FOLDER = "site-packages";

const metaShape = z.object({
  schema: z.literal(META_SCHEMA),
  /** Requirements of this package on this Python, as PEP 508 writes them, markers evaluated. */
  dependencies: z.array(z.string()),
  /** Modules of the package that can be imported by one name. */
  topLevel: z.array(z.string()),
  /**
   * Its folders that other distributions may use, too: the outermost regular packages (with
   * `__init__.py`), and the folders above and beside them that are not.
   */
  folders: z.object({ regular: z.array(z.string()), bare: z.array(z.string()) }),
  diskBytes: z.int().nonnegative(),
  /** Hashes one of which its file was seen to have; absent: none was checked. */
  verified: z.array(z.string()).optional(),
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
  readonly folders: PackageMeta["folders"];
}

/**
 * Reads what a distribution installed in `files` says about itself (PEP 376, core metadata).
 * Errors: a plain Error with one line if there is no distribution of that name.
 */
export async function readDistribution(files: string, name: string): Promise<Distribution> {
  const info = await findInfo(files, name);
  const metadata = await readFile(join(info, "METADATA"), "utf8");
  const header = metadata.replaceAll("\r\n", "\n").split("\n\n", 1)[0];
  const requirements = [...header.matchAll(/^Requires-Dist:[ \t]*(.+)$/gim)].map((match) =>
    match[1].trim(),
  );
  const record = await readFile(join(info, "RECORD"), "utf8");
  const paths = pathsIn(record);
  return { requirements, topLevel: topLevelOf(paths), folders: foldersOf(paths) };
}

/**
 * The files of a distribution with their hashes, as text: equal for equal distributions. What an
 * installer adds has no part in it. Errors: those of `readDistribution`.
 */
export async function readRecord(files: string, name: string): Promise<string> {
  const record = await readFile(join(await findInfo(files, name), "RECORD"), "utf8");
  const isAdded =
    /\.pyc,|\.dist-info\/(?:INSTALLER|REQUESTED|RECORD|direct_url\.json|uv_cache\.json),/;
  const lines = record.split(/\r?\n/).filter((line) => line !== "" && !isAdded.test(line));
  return lines.toSorted().join("\n");
}

/** The folder with what a distribution says about itself. */
async function findInfo(files: string, name: string): Promise<string> {
  const info = (await readdir(files)).find((each) => {
    const match = /^(.+?)-[^-]+\.dist-info$/.exec(each);
    return match !== null && normaliseName(match[1]) === name;
  });
  if (info === undefined) throw new Error(`no metadata of ${name} was installed`);
  return join(files, info);
}

/** The paths in a RECORD, which is CSV. */
function pathsIn(record: string): readonly string[] {
  return record
    .split("\n")
    .map((line) => (line.startsWith('"') ? line.slice(1).split('"', 1) : line.split(",", 1))[0]);
}

/** Modules and packages directly below the root; private ones are left out. */
function topLevelOf(paths: readonly string[]): readonly string[] {
  const modules = new Set<string>();
  for (const path of paths) {
    const [first, ...rest] = path.split("/");
    const isPackage = rest.length > 0 && rest.at(-1)!.endsWith(".py");
    const name = isPackage ? first : /^([^/.]+)(?:\.[^/]*)?\.(?:py|so)$/.exec(path)?.[1];
    if (name !== undefined && /^[A-Za-z][A-Za-z0-9_]*$/.test(name)) modules.add(name);
  }
  return [...modules].sort();
}

/** A regular package may be this deep in packages without `__init__.py`, as in `a/b/c/d`. */
const MOST_DEPTH = 4;

export function foldersOf(paths: readonly string[]): PackageMeta["folders"] {
  const withInit = new Set(paths.flatMap((path) => /^(.+)\/__init__\.py$/.exec(path)?.[1] ?? []));
  const found = { regular: new Set<string>(), bare: new Set<string>() };
  for (const path of paths) {
    const parts = path.split("/").slice(0, -1);
    for (let depth = 1; depth <= Math.min(parts.length, MOST_DEPTH); depth++) {
      if (!/^\w+$/.test(parts[depth - 1])) break;
      const folder = parts.slice(0, depth).join("/");
      found[withInit.has(folder) ? "regular" : "bare"].add(folder);
      if (withInit.has(folder)) break;
    }
  }
  return { regular: [...found.regular].sort(), bare: [...found.bare].sort() };
}
