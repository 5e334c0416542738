import { posix } from "node:path";
import { InputError } from "../basics/errors.js";
import { parsePinned } from "../real/packages/package-names.js";

export const REQUIREMENTS_FILE = "requirements.txt";

/** What an upload requires. */
export interface UploadRequirements {
  /** `name==version`, with the marker that says where it applies: `name==version ; marker`. */
  readonly pinned: readonly string[];
  /** Lines that have no effect, with the reason. */
  readonly notes: readonly string[];
}

/** Reads another file of the upload, by its path there; undefined: there is none. */
export type ReadFile = (path: string) => string | undefined;

interface Line {
  readonly text: string;
  readonly place: string;
}

/** pip's options about where packages come from, which only the worker's operator decides. */
const SOURCE_OPTION =
  /^(?:-i|-f|--index-url|--extra-index-url|--find-links|--no-index|--trusted-host)(?:[ =]|$)/;
/** pip's options about how packages are chosen or built. All packages are pinned, so there is no choice. */
const CHOICE_OPTION =
  /^--(?:only-binary|no-binary|prefer-binary|pre|require-hashes|use-feature)(?:[ =]|$)/;
const FILE_OPTION = /^(?:-r|--requirement)[ =]\s*(.+)$/;
const MOST_FILES = 64;

/**
 * Reads requirements as pip-compile, uv and poetry write them: pinned packages with extras, markers
 * and hashes, options, continued lines, and other files of the upload. Extras have no effect, since
 * what they require is pinned, too. Errors: InputError that names all lines at fault.
 */
export function parseRequirements(
  text: string,
  where: string,
  readFile: ReadFile,
): UploadRequirements {
  return new RequirementsReader(where, readFile).read(text);
}

/** The form of the URL's parameter as a file: one package per line, instead of commas. */
export function linesOf(parameter: string): string {
  return parameter.replaceAll(/,(?![^[\]]*\])/g, "\n");
}

class RequirementsReader {
  readonly #where: string;
  readonly #readFile: ReadFile;
  readonly #pinned = new Set<string>();
  readonly #unconditional = new Set<string>();
  readonly #notes: string[] = [];
  readonly #faults: string[] = [];
  readonly #files = new Set([REQUIREMENTS_FILE]);

  constructor(where: string, readFile: ReadFile) {
    this.#where = where;
    this.#readFile = readFile;
  }

  read(text: string): UploadRequirements {
    this.#readLines(text, REQUIREMENTS_FILE);
    if (this.#faults.length > 0) {
      throw new InputError(this.#faults.map((fault) => `${this.#where}: ${fault}`).join("; "));
    }
    return { pinned: [...this.#pinned], notes: this.#notes };
  }

  #readLines(text: string, file: string): void {
    for (const line of joinLines(text, file)) this.#readLine(line, file);
  }

  #readLine({ text, place }: Line, file: string): void {
    const other = FILE_OPTION.exec(text)?.[1];
    if (other !== undefined) this.#include(other, file, place);
    else if (SOURCE_OPTION.test(text)) {
      this.#notes.push(`${place}: "${text}" has no effect: packages come from the worker's index`);
    } else if (CHOICE_OPTION.test(text)) {
      this.#notes.push(`${place}: "${text}" has no effect: the versions are pinned`);
    } else this.#readPackage(text, place);
  }

  #readPackage(text: string, place: string): void {
    if (/\s--hash[ =]/.test(text)) {
      this.#faults.push(`${place}: "${text}" has a hash, and hashes are not checked here`);
      return;
    }
    const [requirement, ...marker] = text.split(";");
    const pinned = parsePinned(requirement.replaceAll(/[ \t]/g, "").replace(/\[[^\]]*\]/, ""));
    if (pinned === undefined) {
      this.#faults.push(
        `${place}: "${text}" is not name==version: pin everything that is needed, as pip-compile does`,
      );
      return;
    }
    const key = `${pinned.name}==${pinned.version}`;
    if (marker.length > 0) this.#pinned.add(`${key} ; ${marker.join(";").trim()}`);
    else if (this.#unconditional.has(pinned.name)) {
      this.#faults.push(`${place}: ${pinned.name} is there twice`);
    } else {
      this.#unconditional.add(pinned.name);
      this.#pinned.add(key);
    }
  }

  #include(other: string, file: string, place: string): void {
    const path = posix.normalize(posix.join(posix.dirname(file), other.trim()));
    if (this.#files.has(path)) return;
    const isInside = !path.startsWith("/") && path !== ".." && !path.startsWith("../");
    const text =
      isInside && !other.trim().startsWith("/") && this.#files.size < MOST_FILES
        ? this.#readFile(path)
        : undefined;
    if (text === undefined) {
      this.#faults.push(`${place}: ${other.trim()} is not a file of the upload`);
      return;
    }
    this.#files.add(path);
    this.#readLines(text, path);
  }
}

/** The lines with something on them, without comments; a backslash at its end continues a line. */
function joinLines(text: string, file: string): readonly Line[] {
  const lines: Line[] = [];
  let begun: Line | undefined;
  text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .forEach((line, at) => {
      const bare = line.replace(/(?:^|\s)#.*$/, "").trim();
      const isContinued = bare.endsWith("\\");
      const part = isContinued ? bare.slice(0, -1).trim() : bare;
      const place: string = begun?.place ?? `${file}:${at + 1}`;
      const whole = `${begun?.text ?? ""} ${part}`.trim();
      begun = isContinued ? { text: whole, place } : undefined;
      if (!isContinued && whole !== "") lines.push({ text: whole, place });
    });
  if (begun !== undefined) lines.push(begun);
  return lines;
}
