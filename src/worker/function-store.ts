import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../basics/errors.js";
import { isFunctionName } from "../real/state/function-folder.js";
import type { Lock, RegisteredFunction } from "./worker.js";

/** An upload as its client sent it, and what its requirements were resolved to. */
export interface StoredUpload {
  readonly name: string;
  readonly body: Buffer;
  /** undefined: the archive's requirements.txt has them, or there are none. */
  readonly requirements: string | undefined;
  /** undefined: its requirements are pinned, or were never resolved. */
  readonly lock?: Lock | undefined;
}

const REQUIREMENTS = ".requirements.txt";
const LOCK = ".lock.txt";
const SUFFIXES = [".py", ".tar.gz"] as const;
const GZIP_MAGIC = "1f8b";

/**
 * A folder of functions, which outlives the worker: for each function `NAME.py` or `NAME.tar.gz`,
 * and perhaps `NAME.requirements.txt` and `NAME.lock.txt`. Each file is replaced as a whole, so that a reader sees the
 * old one or the new one, whenever the worker is killed.
 */
export class FunctionStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Names of the functions in the folder, in order; the folder is made if it is missing. */
  async names(): Promise<readonly string[]> {
    const files = await this.#files();
    const names = SUFFIXES.flatMap((suffix) =>
      files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length)),
    );
    return [...new Set(names.filter(isFunctionName))].toSorted();
  }

  /** Errors: InputError if a function has no single file. */
  async read(name: string): Promise<StoredUpload> {
    const files = await this.#files();
    const found = SUFFIXES.filter((suffix) => files.includes(name + suffix));
    if (found.length !== 1) {
      throw new InputError(`${name}: has both ${SUFFIXES.join(" and ")}: remove one`);
    }
    const body = await readFile(join(this.#folder, name + found[0]));
    const hasList = files.includes(name + REQUIREMENTS);
    const list = hasList
      ? await readFile(join(this.#folder, name + REQUIREMENTS), "utf8")
      : undefined;
    const lock = files.includes(name + LOCK)
      ? lockIn(await readFile(join(this.#folder, name + LOCK), "utf8"))
      : undefined;
    return { name, body, requirements: list, lock };
  }

  /** Keeps an upload instead of an earlier one with its name. */
  async keep({ name, body, requirements }: StoredUpload): Promise<void> {
    const isArchive = body.toString("hex", 0, 2) === GZIP_MAGIC;
    const [suffix, other] = isArchive ? [".tar.gz", ".py"] : [".py", ".tar.gz"];
    if (requirements === undefined) await this.#remove(name + REQUIREMENTS);
    else await this.#write(name + REQUIREMENTS, Buffer.from(requirements));
    await this.#write(name + suffix, body);
    await this.#remove(name + other);
  }

  /** Keeps what a function's requirements were resolved to, so that a restart takes the same versions. */
  async keepLock(name: string, { asked, requirements }: RegisteredFunction): Promise<void> {
    if (asked === undefined) await this.#remove(name + LOCK);
    else await this.#write(name + LOCK, Buffer.from(lockText({ asked, packages: requirements })));
  }

  async drop(name: string): Promise<void> {
    for (const suffix of [...SUFFIXES, REQUIREMENTS, LOCK]) await this.#remove(name + suffix);
  }

  async #files(): Promise<readonly string[]> {
    try {
      await mkdir(this.#folder, { recursive: true });
      return await readdir(this.#folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new InputError(`--functions ${this.#folder}: cannot be read (${code})`);
    }
  }

  async #write(file: string, data: Buffer): Promise<void> {
    const draft = join(this.#folder, `.${file}.${randomUUID()}`);
    try {
      const handle = await open(draft, "wx", 0o644);
      try {
        await handle.writeFile(data);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, join(this.#folder, file));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  #remove(file: string): Promise<void> {
    return rm(join(this.#folder, file), { force: true });
  }
}

const ASKED = "# asked: ";

/** A lock as a list of requirements, which begins with what was asked for. */
function lockText({ asked, packages }: Lock): string {
  return [...asked.map((each) => ASKED + each), ...packages, ""].join("\n");
}

function lockIn(text: string): Lock {
  const lines = text.split("\n").filter((line) => line !== "");
  const asked = lines.filter((line) => line.startsWith(ASKED));
  return {
    asked: asked.map((line) => line.slice(ASKED.length)),
    packages: lines.filter((line) => !line.startsWith("#")),
  };
}
