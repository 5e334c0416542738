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
 * A file that appears under its name when it is complete, and not at all otherwise: it is written
 * under a temporary name in the same folder.
 *
 * Errors: InputError naming the option where the folder is missing or cannot be written.
 */
export class OutputFile {
  static readonly #open = new Set<OutputFile>();
  readonly #option: string;
  readonly #path: string;
  readonly #unfinished: string;
  readonly #file: number;
  #text = "";
  #isOpen = true;

  /** `option` is what named the path, for errors. */
  constructor(path: string, option: string) {
    this.#option = option;
    this.#path = targetOf(path, option);
    this.#unfinished = `${this.#path}.${process.pid}.tmp`;
    for (const other of OutputFile.#open) {
      if (other.#path === this.#path)
        throw new InputError(
          `${option} ${path}: ${other.#option} writes there too: name another file`,
        );
    }
    try {
      this.#file = openSync(this.#unfinished, "w");
    } catch (error) {
      throw this.#unwritable(error);
    }
    OutputFile.#open.add(this);
  }

  /** Removes all that is unfinished: the process is told to end. */
  static discardAll(): void {
    for (const file of OutputFile.#open) file.discard();
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= CHUNK_CHARACTERS) this.#flush();
  }

  /** Completes the file and gives it its name. */
  complete(): void {
    this.#flush();
    this.#close();
    renameSync(this.#unfinished, this.#path);
  }

  /** Removes what was written, unless the file is complete. */
  discard(): void {
    if (!this.#isOpen) return;
    this.#close();
    rmSync(this.#unfinished, { force: true });
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw this.#unwritable(error);
    }
    this.#text = "";
  }

  #unwritable(error: unknown): InputError {
    return new InputError(
      `${this.#option} ${this.#path}: cannot be written (${(error as Error).message})`,
    );
  }

  #close(): void {
    this.#isOpen = false;
    OutputFile.#open.delete(this);
    closeSync(this.#file);
  }
}

/** The file a path means, links followed: it is going to be replaced, so it must be a plain file or none. */
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
