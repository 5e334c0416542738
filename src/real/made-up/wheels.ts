import { createCipheriv, createHash } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32, createDeflateRaw } from "node:zlib";
import { InputError } from "../../basics/errors.js";
import { fileExists } from "../../basics/file-exists.js";
import type { PackageId } from "../../contract/package-set.js";
import type { Catalogue, Package } from "../../contract/workload.js";
import { normaliseName, parsePinned } from "../packages/package-names.js";
import { storedEntry, writeZip, type ZipEntry } from "./zip-writer.js";

const PAGE_BYTES = 4096;
const NS_PER_US = 1000;
const ZERO_CHUNK = Buffer.alloc(1 << 20);

export interface WrittenWheels {
  readonly folder: string;
  readonly count: number;
  /** Bytes of the wheels' unpacked files. */
  readonly diskBytes: number;
}

/**
 * Writes one real wheel (PEP 427) for each package of `ids` to a new folder that `pip install
 * --no-index --find-links FOLDER` accepts. A package's module imports the modules of its
 * dependencies, then keeps the catalogue's memory and uses the catalogue's CPU time. Its files have
 * the catalogue's sizes on disk and for download. The same catalogue always gives the same bytes.
 *
 * Errors: InputError if the folder exists, or if Python does not accept a package's name or
 * version.
 */
export async function writeWheels(
  folder: string,
  catalogue: Catalogue,
  ids: Iterable<PackageId> = catalogue.packages.keys(),
): Promise<WrittenWheels> {
  if (await fileExists(folder)) {
    throw new InputError(`${folder}: exists already, name a folder that does not`);
  }
  const contested = contestedNames(catalogue);
  const unfinished = `${folder}.${process.pid}.tmp`;
  await mkdir(dirname(folder), { recursive: true });
  let count = 0;
  let diskBytes = 0;
  try {
    await mkdir(unfinished);
    for (const id of ids) {
      const entries = await wheelEntries(catalogue, id, contested);
      await writeZip(join(unfinished, wheelName(catalogue.packages[id])), entries);
      for (const { sizeBytes } of entries) diskBytes += sizeBytes;
      count++;
    }
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return { folder, count, diskBytes };
}

/** Module of an invented package. The prefix distinguishes it from Python's own modules. */
export function moduleOf(name: string): string {
  return `pkg_${fileNamePart(name)}`;
}

function wheelName({ name, version }: Package): string {
  return `${fileNamePart(name)}-${version}-py3-none-any.whl`;
}

/** A name as the file names of wheels write it. */
function fileNamePart(name: string): string {
  return normaliseName(name).replaceAll("-", "_");
}

async function wheelEntries(
  catalogue: Catalogue,
  id: PackageId,
  contested: ReadonlySet<string>,
): Promise<readonly ZipEntry[]> {
  const each = catalogue.packages[id];
  const { name, version } = each;
  if (parsePinned(`${name}==${version}`) === undefined) {
    throw new InputError(
      `${catalogue.source}: package ${name}==${version} has no name and version Python knows`,
    );
  }
  const dependencies = dependenciesOf(catalogue, id);
  const module = moduleOf(name);
  const info = `${fileNamePart(name)}-${version}.dist-info`;
  const files: readonly (readonly [string, string])[] = [
    [`${module}/__init__.py`, moduleSource(each, dependencies)],
    [`${info}/METADATA`, metadata(each, dependencies, contested)],
    [`${info}/WHEEL`, WHEEL],
    [`${info}/top_level.txt`, `${module}\n`],
  ];
  const entries = files.map(([path, text]) => storedEntry(path, Buffer.from(text)));
  const lines = entries.map((entry) => recordLine(entry, sha256().update(entry.packed)));
  const plainBytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const padding = await paddingEntries(each, module, plainBytes);
  for (const { entry, hash } of padding) {
    entries.push(entry);
    lines.push(recordLine(entry, hash));
  }
  const record = [...lines, `${info}/RECORD,,`].map((line) => `${line}\n`).join("");
  return [...entries, storedEntry(`${info}/RECORD`, Buffer.from(record))];
}

const WHEEL = `Wheel-Version: 1.0
Generator: socklab
Root-Is-Purelib: true
Tag: py3-none-any
`;

function metadata(
  { name, version }: Package,
  dependencies: readonly Package[],
  contested: ReadonlySet<string>,
): string {
  const required = dependencies.map((each) => {
    const pin = contested.has(each.name) ? "" : `==${each.version}`;
    return `Requires-Dist: ${each.name}${pin}\n`;
  });
  return `Metadata-Version: 2.1
Name: ${name}
Version: ${version}
Summary: An invented package whose import costs what a catalogue says
${required.join("")}`;
}

/**
 * The CPU time counts from the end of the dependencies' imports, and by the thread's own clock, so
 * that neither a waiting process nor a busy machine shortens it. It includes touching the kept
 * pages.
 */
function moduleSource(
  { importUs, memoryBytes }: Package,
  dependencies: readonly Package[],
): string {
  const imports = dependencies.map(({ name }) => `import ${moduleOf(name)}\n`).join("");
  const pages = Math.ceil(memoryBytes / PAGE_BYTES);
  const keep = `_kept = bytearray(${memoryBytes})
_kept[::${PAGE_BYTES}] = b"\\x01" * ${pages}
`;
  return `${imports}from time import thread_time_ns as _now

_began = _now()
${pages === 0 ? "" : keep}while _now() - _began < ${importUs * NS_PER_US}:
    pass
`;
}

/** One package per name, in the catalogue's order. A package that names itself is left out. */
function dependenciesOf({ packages }: Catalogue, id: PackageId): readonly Package[] {
  const byName = new Map<string, Package>();
  for (const other of packages[id].dependencies) {
    const each = packages[other];
    if (each.name !== packages[id].name && !byName.has(each.name)) byName.set(each.name, each);
  }
  return [...byName.values()];
}

/**
 * Names that some package reaches in two versions. Dependencies on these name no version: pip
 * installs one version per name, and would refuse two pins. All other dependencies are pinned.
 */
function contestedNames({ packages }: Catalogue): ReadonlySet<string> {
  const contested = new Set<string>();
  packages.forEach((_, root) => {
    const versions = new Map<string, string>();
    const reached = new Set<PackageId>([root]);
    for (const id of reached) {
      const { name, version, dependencies } = packages[id];
      if ((versions.get(name) ?? version) !== version) contested.add(name);
      versions.set(name, version);
      for (const other of dependencies) reached.add(other);
    }
  });
  return contested;
}

interface HashedEntry {
  readonly entry: ZipEntry;
  readonly hash: Hash;
}
type Hash = ReturnType<typeof createHash>;

/**
 * Files that fill the package up to its size: noise, which cannot be compressed, and zeros, which
 * compress to almost nothing.
 */
async function paddingEntries(
  each: Package,
  module: string,
  plainBytes: number,
): Promise<readonly HashedEntry[]> {
  const leftBytes = Math.max(each.diskBytes - plainBytes, 0);
  const noiseBytes = Math.min(Math.max(each.downloadBytes - plainBytes, 0), leftBytes);
  const padding: HashedEntry[] = [];
  if (noiseBytes > 0) {
    const entry = storedEntry(`${module}/noise.bin`, noise(each, noiseBytes));
    padding.push({ entry, hash: sha256().update(entry.packed) });
  }
  const zeroBytes = leftBytes - noiseBytes;
  if (zeroBytes > 0) padding.push(await zeroEntry(`${module}/zeros.bin`, zeroBytes));
  return padding;
}

/** Bytes that cannot be compressed. A package always gets the same ones. */
function noise({ name, version }: Package, bytes: number): Buffer {
  const key = sha256().update(`${name}==${version}`).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

async function zeroEntry(name: string, bytes: number): Promise<HashedEntry> {
  const hash = sha256();
  let crc = 0;
  const deflate = createDeflateRaw();
  const packed: Buffer[] = [];
  deflate.on("data", (chunk: Buffer) => packed.push(chunk));
  const ended = new Promise((resolve, reject) => deflate.on("end", resolve).on("error", reject));
  for (let left = bytes; left > 0; left -= ZERO_CHUNK.length) {
    const chunk = left < ZERO_CHUNK.length ? ZERO_CHUNK.subarray(0, left) : ZERO_CHUNK;
    hash.update(chunk);
    crc = crc32(chunk, crc);
    if (!deflate.write(chunk)) await new Promise((resolve) => deflate.once("drain", resolve));
  }
  deflate.end();
  await ended;
  const entry: ZipEntry = {
    name,
    crc,
    sizeBytes: bytes,
    method: "deflated",
    packed: Buffer.concat(packed),
  };
  return { entry, hash };
}

function recordLine({ name, sizeBytes }: ZipEntry, hash: Hash): string {
  return `${name},sha256=${hash.digest("base64url")},${sizeBytes}`;
}

function sha256(): Hash {
  return createHash("sha256");
}
