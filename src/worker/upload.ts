import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../basics/errors.js";
import { HANDLER_FILE } from "../real/made-up/handlers.js";
import { readSettings } from "./function-settings.js";
import type { FunctionStore } from "./function-store.js";
import { linesOf, parseRequirements, REQUIREMENTS_FILE } from "./requirements.js";
import { type ArchiveLimits, unpack } from "./unpack.js";
import type { FunctionUpload, WorkerEngine } from "./worker.js";

export interface UploadLimits extends ArchiveLimits {
  /** Size of an upload as it is sent. */
  readonly uploadBytes: number;
}

export const DEFAULT_UPLOAD_LIMITS: UploadLimits = {
  uploadBytes: 32 * 1024 ** 2,
  unpackedBytes: 128 * 1024 ** 2,
  files: 4096,
};

const GZIP_MAGIC = "1f8b";

/**
 * Writes an upload to a new folder: a gzipped tar archive is unpacked, anything else becomes
 * `f.py`. Requirements come from `requirements` if it is given, otherwise from the archive's
 * requirements.txt.
 *
 * Errors: InputError if the upload is at fault; then nothing is left of it.
 */
export async function stageUpload(
  name: string,
  body: Buffer,
  requirements: string | undefined,
  folder: string,
  limits: UploadLimits,
): Promise<FunctionUpload> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  try {
    if (body.length === 0)
      throw new InputError(`${name}: empty, expected f.py or a tar.gz with it`);
    if (body.toString("hex", 0, 2) === GZIP_MAGIC) await unpack(name, body, folder, limits);
    else writeSource(body, folder);
    const readFile = (path: string) => readIfThere(join(folder, path));
    const { handler, methods, notes: ineffective } = readSettings(name, readFile);
    const file = handler?.entry ?? HANDLER_FILE;
    const source = statSync(join(folder, file), { throwIfNoEntry: false });
    if (source?.isFile() !== true) throw new InputError(`${name}: has no ${file}`);
    const text = requirements === undefined ? readFile(REQUIREMENTS_FILE) : linesOf(requirements);
    const parsed = parseRequirements(text ?? "", name, readFile);
    return {
      name,
      folder,
      requirements: { ...parsed, notes: [...ineffective, ...parsed.notes] },
      ...(handler !== undefined && { handler }),
      ...(methods !== undefined && { methods }),
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

/**
 * Registers the functions of a store. One that cannot be registered is a line for `warn`, and the
 * others are registered.
 */
export async function registerStored(
  store: FunctionStore,
  engine: Pick<WorkerEngine, "register">,
  staging: string,
  limits: UploadLimits,
  warn: (text: string) => void,
): Promise<void> {
  for (const name of await store.names()) {
    try {
      const { body, requirements, lock } = await store.read(name);
      const folder = join(staging, `stored.${name}`);
      const upload = await stageUpload(name, body, requirements, folder, limits);
      const registered = await engine.register({ ...upload, lock });
      await store.keepLock(name, registered);
    } catch (error) {
      const reason = (error as Error).message;
      warn(`not registered: ${reason.startsWith(name) ? reason : `${name}: ${reason}`}`);
    }
  }
}

/** Not on a thread of libuv, which may have to wait for a core: that takes longer than the write. */
function writeSource(body: Buffer, folder: string): void {
  const path = join(folder, HANDLER_FILE);
  writeFileSync(path, body);
  for (const [each, mode] of [
    [folder, 0o755],
    [path, 0o644],
  ] as const) {
    chmodSync(each, mode); // whatever the umask is
  }
}

/** The text of a file of an upload; undefined: there is no such file. */
function readIfThere(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? readFileSync(path, "utf8") : undefined;
}
