import { chown, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../basics/errors.js";
import { Limiter } from "../host/limiter.js";
import { refuseMountsBelow, removeFolder } from "../host/remove-folder.js";
import type { RunProgram } from "../host/run-program.js";
import { settleFiles } from "../host/settle-files.js";
import type { StateLayout } from "../state/instance.js";
import { evaluateMarkers, markerEnvironment } from "./evaluate-markers.js";
import { faultOf, installErrorOf } from "./install-fault.js";
import { HOME_FOLDER, type InstallSandbox } from "./install-sandbox.js";
import type { MarkerEnvironment } from "./markers.js";
import {
  FILES_FOLDER,
  type PackageMeta,
  readDistribution,
  readMeta,
  writeMeta,
} from "./package-metadata.js";
import { type PinnedName, parsePinned } from "./package-names.js";
import { InstallError, type InstallReport } from "./package-store.js";
import {
  installCommand,
  installEnvironment,
  type PackageIndex,
  type PackageTool,
} from "./package-tool.js";
import { canonicalVersion } from "./versions.js";

export interface InstallerSetup {
  readonly layout: StateLayout;
  readonly tool: PackageTool;
  readonly index: PackageIndex;
  /**
   * User that the tool runs as, since a source archive may run any program; undefined: the worker's
   * user.
   */
  readonly uid: number | undefined;
  /** Begins programs that see the machine. The tool is one of them if there is no sandbox. */
  readonly run: RunProgram;
  /** Confines the tool; undefined: the tool is only confined by its user. */
  readonly sandbox?: InstallSandbox | undefined;
  /** How many installs may run at once. */
  readonly concurrency: number;
  /** Time limit of one install. */
  readonly timeoutUs: number;
}

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
  readonly #setup: InstallerSetup;
  readonly #slots: Limiter;
  readonly #installed = new Map<string, PackageMeta>();
  readonly #underWay = new Map<string, Promise<InstalledPackage>>();
  /** Keys of packages by name and canonical version. */
  readonly #keys = new Map<string, string>();
  #environment: Promise<MarkerEnvironment> | undefined;
  readonly #removals = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #next = 0;

  private constructor(setup: InstallerSetup) {
    this.#setup = setup;
    this.#slots = new Limiter(setup.concurrency);
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
   * `us` is the wall time from this call and includes the wait for a free place. Errors:
   * InstallError.
   */
  install(pinned: string): Promise<InstalledPackage> {
    const name = parsePinned(pinned);
    if (name === undefined) {
      const message = `${JSON.stringify(pinned)} is not a package's name==version`;
      return Promise.reject(new InstallError("failed", message));
    }
    const key = this.#keyOf(name);
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    const begunMs = performance.now();
    const us = () => Math.round((performance.now() - begunMs) * 1000);
    const meta = this.#installed.get(key);
    if (meta !== undefined)
      return Promise.resolve({ us: us(), diskBytes: meta.diskBytes, key, meta });
    const install = this.#slots
      .use(() => this.#perform(name, key))
      .then((made) => ({ us: us(), diskBytes: made.diskBytes, key, meta: made }))
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, install);
    return install;
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
    const aside = join(this.#setup.layout.trash, `${key}.${this.#next++}`);
    await rename(folder, aside);
    this.#remove(aside);
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
    await Promise.allSettled(this.#removals);
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
    this.#remove(aside);
  }

  async #perform(name: PinnedName, key: string): Promise<PackageMeta> {
    const { layout } = this.#setup;
    const folder = join(layout.staging, `${key}.${this.#next++}`);
    try {
      const meta = await this.#stage(name, key, folder);
      await rename(folder, join(layout.packages, key));
      this.#installed.set(key, meta);
      return meta;
    } catch (error) {
      this.#remove(folder);
      throw installErrorOf(key, error);
    }
  }

  async #stage(name: PinnedName, key: string, folder: string): Promise<PackageMeta> {
    const { uid } = this.#setup;
    const files = join(folder, FILES_FOLDER);
    const home = join(folder, HOME_FOLDER);
    await mkdir(folder, { mode: 0o755 });
    for (const path of [files, home]) {
      await mkdir(path, { mode: 0o755 });
      if (uid !== undefined) await chown(path, uid, uid);
    }
    await this.#runTool(key, folder);
    await rm(home, { recursive: true, force: true });
    const diskBytes = await settleFiles(files, uid === undefined ? undefined : process.getuid?.());
    const { requirements, topLevel } = await readDistribution(files, name.name);
    const dependencies = await this.applying(requirements);
    const meta: PackageMeta = {
      dependencies: [...dependencies],
      topLevel: [...topLevel],
      diskBytes,
    };
    await writeMeta(folder, meta);
    return meta;
  }

  async #runTool(key: string, folder: string): Promise<void> {
    const { tool, timeoutUs, sandbox } = this.#setup;
    const run = sandbox === undefined ? this.#runOutside : sandbox.run;
    const end = await run(key, folder, timeoutUs, this.#closing.signal);
    const fault = faultOf({ name: tool.kind, undone: "not installed", timeoutUs }, end);
    if (fault !== undefined) throw fault;
  }

  readonly #runOutside: InstallSandbox["run"] = (key, folder, timeoutUs, signal) => {
    const { tool, index, uid, run } = this.#setup;
    const [files, home] = [join(folder, FILES_FOLDER), join(folder, HOME_FOLDER)];
    const [program, ...args] = installCommand(tool, index, key, files);
    const env = installEnvironment(index, home, process.env);
    return run(program, args, { cwd: home, env, uid, timeoutUs, signal });
  };

  #remove(path: string): void {
    const removal = removeFolder(path)
      .catch(() => {}) // the next start empties staging and trash
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  /** Name of a package's folder: the first spelling of the version, for all spellings. */
  #keyOf({ name, version }: PinnedName): string {
    const canonical = `${name}==${canonicalVersion(version)}`;
    const key = this.#keys.get(canonical) ?? `${name}==${version}`;
    this.#keys.set(canonical, key);
    return key;
  }
}
