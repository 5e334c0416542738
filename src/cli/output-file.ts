import { closeSync, existsSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../engine/errors.js";

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
    checkTarget(path, option);
    this.#option = option;
    this.#path = path;
    this.#unfinished = `${path}.${process.pid}.tmp`;
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

function checkTarget(path: string, option: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) {
    throw new InputError(`${option} ${path}: there is no folder ${folder}: create it first`);
  }
  if (existsSync(path) && statSync(path).isDirectory()) {
    throw new InputError(`${option} ${path}: this is a folder, expected the name of a file`);
  }
}
