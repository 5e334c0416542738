import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../basics/errors.js";
import { Limiter } from "../host/limiter.js";
import { refuseMountsBelow, removeFolder } from "../host/remove-folder.js";
import { settleFiles } from "../host/settle-files.js";
import { evaluateMarkers, markerEnvironment } from "./evaluate-markers.js";
import { installErrorOf } from "./install-fault.js";
import type { InstallerSetup } from "./installer-setup.js";
import type { MarkerEnvironment } from "./markers.js";
import { MergedPackages } from "./merged-packages.js";
import {
  FILES_FOLDER,
  type PackageMeta,
  readDistribution,
  readMeta,
  readRecord,
  writeMeta,
} from "./package-metadata.js";
import { type PinnedName, parsePinned } from "./package-names.js";
import { InstallError, type InstallReport } from "./package-store.js";
import { LIMITS_FILE, LIST_FILE } from "./package-tool.js";
import { readLock } from "./read-lock.js";
import { dropHome, Staging } from "./staging.js";
import { canonicalVersion } from "./versions.js";

/** A report with what is known of the package, even if it is evicted a moment later. */
export interface InstalledPackage extends InstallReport {
  /** `name==version` as it was first spelled here: 1.16 and 1.16.0 are one package. */
  readonly key: string;
  readonly meta: PackageMeta;
}

/**
 * The install cache on disk: one folder for each `name==version`, which is complete or absent. An
 * install happens in a staging folder and ends with a rename; a removal begins with a rename.
 * Nothing that a crash left half-done is ever trusted.
 */
export class Installer {
  /** Folders for packages that only work together. */
  readonly merged: MergedPackages;
  readonly #setup: InstallerSetup;
  readonly #slots: Limiter;
  readonly #installed = new Map<string, PackageMeta>();
  readonly #underWay = new Map<string, Promise<PackageMeta>>();
  /** Keys of packages by name and canonical version. */
  readonly #keys = new Map<string, string>();
  #environment: Promise<MarkerEnvironment> | undefined;
  readonly #closing = new AbortController();
  readonly #staging: Staging;
  #next = 0;

  private constructor(setup: InstallerSetup) {
    this.#setup = setup;
    this.merged = new MergedPackages(setup.layout.packages);
    this.#slots = new Limiter(setup.concurrency);
    this.#staging = new Staging(setup, this.#closing.signal);
  }

  /**
   * Removes what a dead instance left half-done, and adopts what is complete. Errors: MachineError
   * if something is mounted in what must be removed.
   */
  static async open(setup: InstallerSetup): Promise<Installer> {
    const { packages, staging, trash } = setup.layout;
    await Promise.all([staging, trash].map(removeFolder));
    for (const path of [packages, staging, trash]) await mkdir(path, { recursive: true });
    const installer = new Installer(setup);
    for (const name of await readdir(packages)) await installer.#adopt(name);
    return installer;
  }

  /** Installed packages in the order of installation; those found at the start come first. */
  get installed(): ReadonlyMap<string, PackageMeta> {
    return this.#installed;
  }

  /**
   * Installs `name==version` without its dependencies. Resolves immediately if it is installed.
   * If there are `hashes`, the file of the package must have one of them. `us` is the wall time from
   * this call and includes the wait for a free place. Errors: InstallError.
   */
  async install(pinned: string, hashes: readonly string[] = []): Promise<InstalledPackage> {
    const name = parsePinned(pinned);
    if (name === undefined) {
      const message = `${JSON.stringify(pinned)} is not a package's name==version`;
      throw new InstallError("failed", message);
    }
    const key = this.#keyOf(name);
    const begunMs = performance.now();
    let meta = await this.#underWay.get(key);
    meta =
      this.#installed.get(key) ??
      meta ??
      (await this.#begin(key, () => this.#perform(name, key, hashes)));
    if (!isProven(meta, hashes))
      meta = await this.#begin(key, () => this.#prove(name, key, hashes));
    const us = Math.round((performance.now() - begunMs) * 1000);
    return { us, diskBytes: meta.diskBytes, key, meta };
  }

  /**
   * Versions of packages, as `name==version`, that fulfil requirements and limits (PEP 508), with all
   * that they depend on. Errors: InstallError.
   */
  async resolve(
    requirements: readonly string[],
    limits: readonly string[],
  ): Promise<readonly string[]> {
    const files = { [LIST_FILE]: linesOf(requirements), [LIMITS_FILE]: linesOf(limits) };
    const { tool } = this.#setup;
    try {
      return await this.#slots.use(() =>
        this.#staging.perform("resolve", { kind: "resolve" }, files, (folder) =>
          readLock(tool, folder),
        ),
      );
    } catch (error) {
      throw installErrorOf("requirements.txt", error);
    }
  }

  /**
   * The package is gone when this resolves. Its bytes are freed in the background. Errors:
   * MachineError if somebody mounted something into it.
   */
  async uninstall(pinned: string): Promise<void> {
    const name = parsePinned(pinned);
    assert(name !== undefined, `removal of ${pinned}, which is no package`);
    const key = this.#keyOf(name);
    const folder = join(this.#setup.layout.packages, key);
    assert(this.#installed.has(key), `removal of ${key}, which is not installed`);
    refuseMountsBelow(folder); // a rename would move a mount below it into the trash
    this.#installed.delete(key);
    this.merged.drop(key);
    const aside = join(this.#setup.layout.trash, `${key}.${this.#next++}`);
    await rename(folder, aside);
    this.#staging.remove(aside);
  }

  /**
   * The requirements (PEP 508) that apply on this Python, without their markers. Errors:
   * InstallError, or InputError for a text that is not a marker.
   */
  applying(requirements: readonly string[]): Promise<readonly string[]> {
    const { tool, uid, run } = this.#setup;
    return evaluateMarkers(requirements, () => {
      this.#environment ??= markerEnvironment(tool.python, uid, run, this.#closing.signal).catch(
        (error: unknown) => {
          this.#environment = undefined; // the next one asks again
          throw error;
        },
      );
      return this.#environment;
    });
  }

  /** Ends installs in progress, and waits until no process of the installer runs any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay.values());
    await this.#staging.settle();
  }

  async #adopt(name: string): Promise<void> {
    const { packages, trash } = this.#setup.layout;
    const pinned = parsePinned(name);
    const meta =
      pinned !== undefined && this.#keyOf(pinned) === name
        ? await readMeta(join(packages, name))
        : undefined;
    if (meta !== undefined) {
      this.#installed.set(name, meta);
      return;
    }
    refuseMountsBelow(join(packages, name));
    const aside = join(trash, `${this.#next++}`);
    await rename(join(packages, name), aside);
    this.#staging.remove(aside);
  }

  /** Works on one package when there is a place. Nobody else works on it at the same time. */
  #begin(key: string, work: () => Promise<PackageMeta>): Promise<PackageMeta> {
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    const begun = this.#slots.use(work).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, begun);
    return begun;
  }

  async #perform(name: PinnedName, key: string, hashes: readonly string[]): Promise<PackageMeta> {
    const { packages } = this.#setup.layout;
    try {
      return await this.#staged(key, hashes, async (folder) => {
        const meta = await this.#settle(name, folder, hashes);
        await rename(folder, join(packages, key));
        this.#installed.set(key, meta);
        return meta;
      });
    } catch (error) {
      throw installErrorOf(key, error);
    }
  }

  /**
   * Installs a package again to prove that the one on disk is what a file with one of these hashes
   * contains: the earlier install did not check them.
   */
  async #prove(name: PinnedName, key: string, hashes: readonly string[]): Promise<PackageMeta> {
    const place = join(this.#setup.layout.packages, key);
    try {
      return await this.#staged(key, hashes, async (folder) => {
        const [staged, there] = [folder, place].map((each) =>
          readRecord(join(each, FILES_FOLDER), name.name),
        );
        if ((await staged) !== (await there)) {
          throw new Error("the worker has another file of this version than the hashes say");
        }
        const meta = { ...this.#installed.get(key)!, verified: [...hashes] };
        await writeMeta(place, meta);
        this.#installed.set(key, meta);
        return meta;
      });
    } catch (error) {
      throw installErrorOf(key, error);
    }
  }

  #staged<T>(key: string, hashes: readonly string[], use: (folder: string) => Promise<T>) {
    if (hashes.length === 0) return this.#staging.perform(key, { kind: "install", key }, {}, use);
    const line = [key, ...hashes.map((hash) => `--hash=${hash}`)].join(" ");
    const files = { [LIST_FILE]: linesOf([line]) };
    return this.#staging.perform(key, { kind: "install-listed" }, files, use);
  }

  async #settle(name: PinnedName, folder: string, hashes: readonly string[]): Promise<PackageMeta> {
    const { uid } = this.#setup;
    const files = join(folder, FILES_FOLDER);
    await dropHome(folder);
    const diskBytes = await settleFiles(files, uid === undefined ? undefined : process.getuid?.());
    const { requirements, topLevel, folders } = await readDistribution(files, name.name);
    const dependencies = await this.applying(requirements);
    const meta: PackageMeta = {
      dependencies: [...dependencies],
      topLevel: [...topLevel],
      folders,
      diskBytes,
      ...(hashes.length > 0 && { verified: [...hashes] }),
    };
    await writeMeta(folder, meta);
    return meta;
  }

  /** Name of a package's folder: the first spelling of the version, for all spellings. */
  #keyOf({ name, version }: PinnedName): string {
    const canonical = `${name}==${canonicalVersion(version)}`;
    const key = this.#keys.get(canonical) ?? `${name}==${version}`;
    this.#keys.set(canonical, key);
    return key;
  }
}

/** Whether an install has checked that its file has one of these hashes. */
function isProven({ verified }: PackageMeta, hashes: readonly string[]): boolean {
  return hashes.length === 0 || (verified?.every((each) => hashes.includes(each)) ?? false);
}

function linesOf(texts: readonly string[]): string {
  return texts.map((each) => `${each}\n`).join("");
}
