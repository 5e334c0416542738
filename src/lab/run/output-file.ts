import {
  closeSync,
  existsSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { InputError } from "../../basics/errors.js";

const CHUNK_CHARACTERS = 1 << 20;

/**
 * A file that appears under its name only when it is complete. Until then it has a temporary name
 * in the same folder.
 *
 * Errors: InputError naming the option if the folder is missing or cannot be written.
 */
export class OutputFile {
  static readonly #open = new Set<OutputFile>();
  /** Paths of unfinished files that other threads of this process write. */
  static readonly #elsewhere = new Set<string>();
  readonly #option: string;
  readonly #path: string;
  readonly #unfinished: string;
  readonly #file: number;
  #text = "";
  #isOpen = true;

  /** `option` is the option that names the path, for error messages. */
  constructor(path: string, option: string) {
    this.#option = option;
    this.#path = targetOf(path, option);
    this.#unfinished = unfinishedOf(this.#path);
    for (const other of OutputFile.#open) {
      if (other.#path === this.#path)
        throw new InputError(
          `${option} ${path}: ${other.#option} writes to this file too: name another file`,
        );
    }
    try {
      this.#file = openSync(this.#unfinished, "w");
    } catch (error) {
      throw this.unwritable((error as Error).message);
    }
    OutputFile.#open.add(this);
  }

  /** Removes every unfinished file, because the process is about to end. */
  static discardAll(): void {
    for (const file of OutputFile.#open) file.discard();
    for (const path of OutputFile.#elsewhere) rmSync(path, { force: true });
  }

  /**
   * Another thread of this process writes a file with this path: `discardAll` removes it too, until
   * the returned function is called.
   */
  static discardAlso(path: string, option: string): () => void {
    const unfinished = unfinishedOf(targetOf(path, option));
    OutputFile.#elsewhere.add(unfinished);
    return () => OutputFile.#elsewhere.delete(unfinished);
  }

  /** Open for writing. A caller that writes to it itself does not call `write`. */
  get descriptor(): number {
    return this.#file;
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= CHUNK_CHARACTERS) this.#flush();
  }

  writeBytes(bytes: Uint8Array): void {
    this.#flush();
    this.#put(bytes);
  }

  /** Writes the rest, and renames the file to its final name. */
  complete(): void {
    this.#flush();
    this.#close();
    try {
      renameSync(this.#unfinished, this.#path);
    } catch (error) {
      rmSync(this.#unfinished, { force: true });
      throw this.unwritable((error as Error).message);
    }
  }

  /** Removes what was written, unless the file is complete. */
  discard(): void {
    if (!this.#isOpen) return;
    this.#close();
    rmSync(this.#unfinished, { force: true });
  }

  /** The error for a reason why it cannot be written. */
  unwritable(reason: string): InputError {
    return new InputError(`${this.#option} ${this.#path}: cannot be written (${reason})`);
  }

  #flush(): void {
    this.#put(Buffer.from(this.#text));
    this.#text = "";
  }

  #put(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw this.unwritable((error as Error).message);
    }
  }

  #close(): void {
    this.#isOpen = false;
    OutputFile.#open.delete(this);
    closeSync(this.#file);
  }
}

function unfinishedOf(path: string): string {
  return `${path}.${process.pid}.tmp`;
}

/**
 * The file that a path refers to after symbolic links are followed. It will be replaced, so it must
 * be a regular file or not exist.
 */
function targetOf(path: string, option: string): string {
  const folder = dirname(path);
  if (!existsSync(folder)) {
    throw new InputError(`${option} ${path}: there is no folder ${folder}: create it first`);
  }
  if (!existsSync(path)) return join(realpathSync(folder), basename(path));
  const status = statSync(path);
  if (status.isDirectory()) {
    throw new InputError(`${option} ${path}: this is a folder, expected the name of a file`);
  }
  if (!status.isFile()) {
    throw new InputError(
      `${option} ${path}: this is a device or a pipe, expected a file; --json prints on standard output`,
    );
  }
  return realpathSync(path);
}
