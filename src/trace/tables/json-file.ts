import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { InputError } from "../../basics/errors.js";

const GZIP_MAGIC = "1f8b";

/**
 * The value in a JSON file, plain or gzip (its first bytes decide). `expected` says what the file
 * should contain. Errors: InputError if the file is missing, damaged, cut off or not JSON.
 */
export async function readJson(path: string, expected: string): Promise<unknown> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "no such file" : `cannot be read (${error.code})`;
    throw new InputError(`${path}: ${reason}, expected ${expected}`);
  });
  const text = unpack(path, bytes).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: not JSON (${oneLine(error)}), expected ${expected}`);
  }
}

function unpack(path: string, bytes: Buffer): Buffer {
  if (bytes.toString("hex", 0, 2) !== GZIP_MAGIC) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new InputError(`${path}: damaged or cut off gzip data (${oneLine(error)})`);
  }
}

function oneLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replaceAll(/\s+/g, " ");
}
