import { win32 } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, list, type ReadEntry } from "tar";
import { InputError } from "../basics/errors.js";
import { settleFiles } from "../real/host/settle-files.js";

export interface ArchiveLimits {
  /** Size of an unpacked archive, and its number of files. */
  readonly unpackedBytes: number;
  readonly files: number;
}

/** Longest name of a file on Linux. */
const NAME_BYTES = 255;
const PATH_BYTES = 2048;

const FILE_TYPES: readonly string[] = ["File", "OldFile", "ContiguousFile"];

/**
 * Unpacks a gzipped tar archive into an empty folder. All of the archive is read once before any
 * entry is written, so an archive at fault leaves nothing.
 *
 * Errors: InputError if the archive is at fault.
 */
export async function unpack(
  name: string,
  archive: Buffer,
  folder: string,
  limits: ArchiveLimits,
): Promise<void> {
  const checks = new EntryChecks(limits.files);
  const reader = list({ strict: true, onReadEntry: (entry) => checks.add(entry) });
  let fault: string | undefined;
  try {
    await inflate(archive, limits.unpackedBytes, reader);
  } catch (error) {
    fault = error instanceof Error ? error.message : String(error);
  }
  fault = checks.fault ?? fault;
  if (fault !== undefined) throw new InputError(`${name}: the archive ${fault}`);
  const writer = extract({ cwd: folder, strict: true, preserveOwner: false });
  await inflate(archive, limits.unpackedBytes, writer);
  await settleFiles(folder, undefined);
}

async function inflate(
  archive: Buffer,
  mostBytes: number,
  sink: NodeJS.WritableStream,
): Promise<void> {
  await pipeline(Readable.from([archive]), createGunzip(), atMost(mostBytes), sink);
}

/** Finds the first entry that must not be written. */
class EntryChecks {
  fault: string | undefined;
  readonly #mostFiles: number;
  #count = 0;
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  constructor(mostFiles: number) {
    this.#mostFiles = mostFiles;
  }

  add(entry: ReadEntry): void {
    if (++this.#count > this.#mostFiles)
      this.fault ??= `contains more than ${this.#mostFiles} files`;
    this.fault ??= this.#faultOf(entry);
    entry.resume();
  }

  #faultOf({ path, type }: ReadEntry): string | undefined {
    const shown = JSON.stringify(path);
    const isFile = FILE_TYPES.includes(type);
    if (!isFile && type !== "Directory")
      return `has ${shown}, which is neither a file nor a folder`;
    // As node-tar does on every system, this takes a drive of Windows for the start of a path, too.
    if (win32.parse(path).root !== "") return `has ${shown}, which is an absolute path`;
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) return `has ${shown}, which leads out of the function's folder`;
    if (path.includes("\0")) return `has ${shown}, which is no file name`;
    const longest = Math.max(0, ...parts.map((part) => Buffer.byteLength(part)));
    if (longest > NAME_BYTES || Buffer.byteLength(path) > PATH_BYTES) {
      return `has a path that is too long: ${shown.slice(0, 80)}...`;
    }
    return this.#place(parts, isFile) ? undefined : `has ${shown} both as a file and as a folder`;
  }

  /** Notes an entry and the folders above it; false: one of them is a file, or the file a folder. */
  #place(parts: readonly string[], isFile: boolean): boolean {
    const paths = parts.map((_, at) => parts.slice(0, at + 1).join("/"));
    const file = isFile ? (paths.pop() ?? "") : undefined;
    for (const path of paths) this.#folders.add(path);
    if (file !== undefined) this.#files.add(file);
    const isFolder = file !== undefined && (file === "" || this.#folders.has(file));
    return !isFolder && !paths.some((path) => this.#files.has(path));
  }
}

/** Passes bytes on, and fails when there are too many. */
function atMost(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left < 0) done(new Error(`unpacks to more than ${bytes} bytes`));
      else done(null, chunk);
    },
  });
}
