import { posix } from "node:path";
import { InputError } from "../basics/errors.js";
import { parsePinned } from "../real/packages/package-names.js";

export const REQUIREMENTS_FILE = "requirements.txt";

/** What an upload requires. */
export interface UploadRequirements {
  /** `name==version`, with the marker that says where it applies: `name==version ; marker`. */
  readonly pinned: readonly string[];
  /** The hashes of `name==version`, each as `sha256:...`. Empty, or there are hashes for all. */
  readonly hashes: ReadonlyMap<string, readonly string[]>;
  /** All requirements as they are written, if one of them is not pinned; otherwise empty. */
  readonly asked: readonly string[];
  /** Limits on the versions that `asked` may be resolved to. */
  readonly constraints: readonly string[];
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
/** pip's options about how packages are chosen or built. They concern nothing that is pinned. */
const CHOICE_OPTION =
  /^--(?:only-binary|no-binary|prefer-binary|pre|require-hashes|use-feature)(?:[ =]|$)/;
const FILE_OPTION = /^(?:-r|--requirement)[ =]\s*(.+)$/;
const CONSTRAINT_OPTION = /^(?:-c|--constraint)[ =]\s*(.+)$/;
const HASH_OPTION = /\s--hash[ =]\s*(\S+)/g;
const HASH = /^sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$/;
/** A requirement of PEP 508 that names a package of the index, without its marker. */
const REQUIREMENT =
  /^[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?\s*(?:\[[a-z0-9._,\s-]*\])?\s*\(?\s*(?:(?:===|~=|==|!=|<=|>=|<|>)\s*v?[0-9][a-z0-9.*+!_-]*\s*,?\s*)*\)?$/i;
const MOST_FILES = 64;

/**
 * Reads requirements as people, pip-compile, uv and poetry write them: packages with extras, markers
 * and hashes, options, continued lines, and other files of the upload. If all are pinned, extras have
 * no effect, since what they require is pinned, too. Errors: InputError that names all lines at fault.
 */
export function parseRequirements(
  text: string,
  where: string,
  readFile: ReadFile,
): UploadRequirements {
  return new RequirementsReader(where, readFile).read(text);
}

/**
 * The form of the URL's parameter as a file: one package per line, instead of commas. A comma
 * between extras or between comparisons of one package stays.
 */
export function linesOf(parameter: string): string {
  return parameter.replaceAll(/,(?![^[\]]*\])(?!\s*(?:[=<>!~]))/g, "\n");
}

class RequirementsReader {
  readonly #where: string;
  readonly #readFile: ReadFile;
  readonly #pinned = new Set<string>();
  readonly #unconditional = new Set<string>();
  readonly #hashes = new Map<string, readonly string[]>();
  readonly #asked: string[] = [];
  readonly #constraints: string[] = [];
  readonly #notes: string[] = [];
  readonly #faults: string[] = [];
  readonly #files = new Set([REQUIREMENTS_FILE]);
  /** Places of lines that concern the choice of versions, and of lines without a hash. */
  readonly #choices: string[] = [];
  readonly #unhashed: string[] = [];
  #isOpen = false;
  #needsHashes = false;

  constructor(where: string, readFile: ReadFile) {
    this.#where = where;
    this.#readFile = readFile;
  }

  read(text: string): UploadRequirements {
    this.#readLines(text, REQUIREMENTS_FILE, (line) => this.#readPackage(line));
    this.#checkHashes();
    this.#judgeChoices();
    if (this.#faults.length > 0) {
      throw new InputError(this.#faults.map((fault) => `${this.#where}: ${fault}`).join("; "));
    }
    return {
      pinned: this.#isOpen ? [] : [...this.#pinned],
      hashes: this.#hashes,
      asked: this.#isOpen ? this.#asked : [],
      constraints: this.#isOpen ? this.#constraints : [],
      notes: this.#notes,
    };
  }

  #readLines(text: string, file: string, readPackage: (line: Line) => void): void {
    for (const line of joinLines(text, file)) this.#readLine(line, file, readPackage);
  }

  #readLine(line: Line, file: string, readPackage: (line: Line) => void): void {
    const { text, place } = line;
    const other = FILE_OPTION.exec(text)?.[1];
    const limits = CONSTRAINT_OPTION.exec(text)?.[1];
    if (other !== undefined) this.#include(other, file, place, readPackage);
    else if (limits !== undefined) {
      this.#choices.push(`${place}: "${text}"`);
      this.#include(limits, file, place, (each) => this.#readConstraint(each));
    } else if (SOURCE_OPTION.test(text)) {
      this.#notes.push(`${place}: "${text}" has no effect: packages come from the worker's index`);
    } else if (CHOICE_OPTION.test(text)) {
      this.#needsHashes ||= text.startsWith("--require-hashes");
      this.#choices.push(`${place}: "${text}"`);
    } else readPackage(line);
  }

  #readPackage({ text, place }: Line): void {
    const hashes = [...text.matchAll(HASH_OPTION)].map((match) => match[1].toLowerCase());
    const whole = text.replaceAll(HASH_OPTION, "").trim();
    const [requirement, ...marker] = whole.split(";");
    const pinned = parsePinned(requirement.replaceAll(/[ \t]/g, "").replace(/\[[^\]]*\]/, ""));
    if (pinned === undefined && !REQUIREMENT.test(requirement.trim())) {
      this.#faults.push(`${place}: "${text}" is not a package of an index: write name==version`);
      return;
    }
    this.#asked.push(whole);
    if (hashes.length === 0) this.#unhashed.push(place);
    const bad = hashes.find((hash) => !HASH.test(hash));
    if (bad !== undefined) this.#faults.push(`${place}: "${bad}" is not a hash like sha256:...`);
    this.#needsHashes ||= hashes.length > 0;
    if (pinned === undefined) {
      this.#isOpen = true;
      return;
    }
    const key = `${pinned.name}==${pinned.version}`;
    if (hashes.length > 0) this.#hashes.set(key, hashes);
    if (marker.length > 0) this.#pinned.add(`${key} ; ${marker.join(";").trim()}`);
    else if (this.#unconditional.has(pinned.name)) {
      this.#faults.push(`${place}: ${pinned.name} is there twice`);
    } else {
      this.#unconditional.add(pinned.name);
      this.#pinned.add(key);
    }
  }

  #readConstraint({ text, place }: Line): void {
    const whole = text.replaceAll(HASH_OPTION, "").trim();
    if (REQUIREMENT.test(whole.split(";", 1)[0].trim())) this.#constraints.push(whole);
    else this.#faults.push(`${place}: "${text}" is not a limit on a package's versions`);
  }

  /** As pip does, a list with one hash needs hashes for all. */
  #checkHashes(): void {
    if (!this.#needsHashes) return;
    if (this.#isOpen) {
      this.#faults.push(
        "a list with hashes must be pinned: pip-compile --generate-hashes does that",
      );
    }
    for (const place of this.#unhashed) {
      this.#faults.push(`${place}: has no hash, although other lines have one`);
    }
  }

  #judgeChoices(): void {
    for (const line of this.#choices) {
      const isLimit = /: "(?:-c|--constraint)/.test(line);
      if (!this.#isOpen) this.#notes.push(`${line} has no effect: the versions are pinned`);
      else if (!isLimit) {
        this.#notes.push(`${line} has no effect: pin the versions that shall be used`);
      }
    }
  }

  #include(other: string, file: string, place: string, readPackage: (line: Line) => void): void {
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
    this.#readLines(text, path, readPackage);
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
