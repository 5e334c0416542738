import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { FILES_FOLDER, type PackageMeta } from "./package-metadata.js";
import { normaliseName, parsePinned } from "./package-names.js";

/** No package has such a name. */
const PREFIX = "+merged.";
const MOST_KNOWN = 4096;

/**
 * Folders in which the files of several distributions are together, as in any Python environment.
 * Python looks for the modules of a regular package (one with `__init__.py`) in one folder only. So
 * distributions that put files into one regular package, for example PyQt6 and PyQt6-Qt6, do not
 * work from a folder each. The files are hard links, and take no further space.
 */
export class MergedPackages {
  readonly #packages: string;
  /** Packages of each folder, in the order in which they are added to it. */
  readonly #members = new Map<string, readonly string[]>();
  readonly #made = new Set<string>();
  /** Answers by the keys of the packages: each start of a function asks again. */
  readonly #known = new Map<string, readonly string[]>();

  /** `packages`: the folder that has a folder for each package. */
  constructor(packages: string) {
    this.#packages = packages;
  }

  /** Names of the folders for those of the packages that share a regular package. */
  foldersFor(packages: ReadonlyMap<string, PackageMeta>): readonly string[] {
    const asked = [...packages.keys()].join("\n");
    const known = this.#known.get(asked);
    if (known !== undefined) return known;
    if (this.#known.size === MOST_KNOWN) this.#known.clear();
    const folders = groupsOf(packages).map((keys) => {
      const name = PREFIX + createHash("sha256").update(keys.join("\n")).digest("hex").slice(0, 32);
      this.#members.set(name, inOrder(keys, packages));
      return name;
    });
    this.#known.set(asked, folders);
    return folders;
  }

  /** Makes these folders if they are missing. All of their packages must be installed. */
  make(folders: readonly string[]): void {
    for (const name of folders) {
      if (!this.#made.has(name)) this.#merge(name, this.#members.get(name)!);
    }
  }

  /** Removes the folders with a package's files, before the package is removed. */
  drop(key: string): void {
    for (const [name, members] of this.#members) {
      if (!members.includes(key) || !this.#made.has(name)) continue;
      this.#made.delete(name);
      rmSync(join(this.#packages, name), { recursive: true, force: true });
    }
  }

  #merge(name: string, keys: readonly string[]): void {
    const place = join(this.#packages, name);
    const unfinished = `${place}.part`;
    for (const path of [place, unfinished]) rmSync(path, { recursive: true, force: true });
    for (const key of keys) {
      linkTree(join(this.#packages, key, FILES_FOLDER), join(unfinished, FILES_FOLDER), true);
    }
    renameSync(unfinished, place);
    this.#made.add(name);
  }
}

/** Adds a tree to another one. A file replaces an earlier one of its name. */
function linkTree(from: string, to: string, isTop: boolean): void {
  mkdirSync(to, { recursive: true, mode: 0o755 });
  for (const name of readdirSync(from)) {
    // Each distribution describes itself once, in its own folder.
    if (isTop && name.endsWith(".dist-info")) continue;
    const [source, target] = [join(from, name), join(to, name)];
    const stats = lstatSync(source);
    if (stats.isDirectory()) linkTree(source, target, false);
    else {
      if (existsSync(target)) rmSync(target);
      if (stats.isSymbolicLink()) copyFileSync(source, target);
      else linkSync(source, target);
    }
  }
}

/** Keys of packages that share a regular package, directly or through others; each group is sorted by name. */
export function groupsOf(
  packages: ReadonlyMap<string, PackageMeta>,
): readonly (readonly string[])[] {
  const regular = new Set([...packages.values()].flatMap(({ folders }) => folders.regular));
  const users = new Map<string, string[]>();
  for (const [key, { folders }] of packages) {
    for (const folder of [...folders.regular, ...folders.bare]) {
      if (regular.has(folder)) users.set(folder, [...(users.get(folder) ?? []), key]);
    }
  }
  const groups: Set<string>[] = [];
  for (const keys of users.values()) {
    if (keys.length < 2) continue;
    const touched = groups.filter((group) => keys.some((key) => group.has(key)));
    for (const each of touched) groups.splice(groups.indexOf(each), 1);
    groups.push(new Set([...touched.flatMap((each) => [...each]), ...keys]));
  }
  return groups.map((group) => [...group].toSorted(byName));
}

/** By the names alone: in a key, `-` would come before `==`. */
function byName(left: string, right: string): number {
  return parsePinned(left)!.name < parsePinned(right)!.name ? -1 : 1;
}

/** Dependencies first, as pip installs: if two packages have one file, that of the later one stays. */
function inOrder(keys: readonly string[], packages: ReadonlyMap<string, PackageMeta>): string[] {
  const nameOf = (key: string) => parsePinned(key)!.name;
  const needs = (key: string, other: string) =>
    packages
      .get(key)!
      .dependencies.some(
        (each) => normaliseName(/^[\w.-]+/.exec(each)?.[0] ?? "") === nameOf(other),
      );
  const left = [...keys];
  const ordered: string[] = [];
  while (left.length > 0) {
    const free = left.findIndex((key) =>
      left.every((other) => other === key || !needs(key, other)),
    );
    ordered.push(...left.splice(Math.max(0, free), 1));
  }
  return ordered;
}
