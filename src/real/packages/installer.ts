import { chown, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../basics/errors.js";
import { Limiter } from "../host/limiter.js";
import { refuseMountsBelow, removeFolder } from "../host/remove-folder.js";
import type { RunProgram } from "../host/run-program.js";
import { settleFiles } from "../host/settle-files.js";
import type { StateLayout } from "../state/instance.js";
import { evaluateMarkers } from "./evaluate-markers.js";
import { faultOf, installErrorOf } from "./install-fault.js";
import { HOME_FOLDER, type InstallSandbox } from "./install-sandbox.js";
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

export interface InstallerSetup {
  readonly layout: StateLayout;
  readonly tool: PackageTool;
  readonly index: PackageIndex;
  /** User the tool runs as, since a source archive's build is anyone's program; undefined: as we are. */
  readonly uid: number | undefined;
  /** Begins programs that see the machine: the tool too, where there is no cell. */
  readonly run: RunProgram;
  /** Where the tool is confined; undefined: it only runs as the user. */
  readonly cell?: InstallSandbox | undefined;
  /** Installs that may run at once. */
  readonly concurrency: number;
  /** Longest install. */
  readonly timeoutUs: number;
}

/**
 * The install cache on disk: one folder for each `name==version`, complete or not there. An install
 * happens in a staging folder and ends with its renaming; a removal begins with one. Nothing that a
 * crash left half-way is ever trusted.
 */
export class Installer {
  readonly #setup: InstallerSetup;
  readonly #slots: Limiter;
  readonly #installed = new Map<string, PackageMeta>();
  readonly #underWay = new Map<string, Promise<InstallReport>>();
  readonly #removals = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #next = 0;

  private constructor(setup: InstallerSetup) {
    this.#setup = setup;
    this.#slots = new Limiter(setup.concurrency);
  }

  /**
   * Clears away what a dead instance left half-done and takes over what is complete. Errors: MachineError
   * where something is mounted in what must go.
   */
  static async open(setup: InstallerSetup): Promise<Installer> {
    const { packages, staging, trash } = setup.layout;
    await Promise.all([staging, trash].map(removeFolder));
    for (const path of [packages, staging, trash]) await mkdir(path, { recursive: true });
    const installer = new Installer(setup);
    for (const name of await readdir(packages)) await installer.#adopt(name);
    return installer;
  }

  /** What is installed, in the order of installation; what was found at the start comes first. */
  get installed(): ReadonlyMap<string, PackageMeta> {
    return this.#installed;
  }

  /**
   * Installs `name==version` without its dependencies; at once where it is there already. `us` is
   * the wall time from this call, a wait for a free place included. Errors: InstallError.
   */
  install(pinned: string): Promise<InstallReport> {
    const name = parsePinned(pinned);
    if (name === undefined) {
      const message = `${JSON.stringify(pinned)} is not a package's name==version`;
      return Promise.reject(new InstallError("failed", message));
    }
    const key = keyOf(name);
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    const begunMs = performance.now();
    const us = () => Math.round((performance.now() - begunMs) * 1000);
    const meta = this.#installed.get(key);
    if (meta !== undefined) return Promise.resolve({ us: us(), diskBytes: meta.diskBytes });
    const install = this.#slots
      .use(() => this.#perform(name, key))
      .then(({ diskBytes }) => ({ us: us(), diskBytes }))
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, install);
    return install;
  }

  /**
   * The package is gone when this resolves; its bytes follow in the background. Errors: MachineError where
   * somebody mounted something into it.
   */
  async uninstall(pinned: string): Promise<void> {
    const name = parsePinned(pinned);
    assert(name !== undefined, `removal of ${pinned}, which is no package`);
    const key = keyOf(name);
    const folder = join(this.#setup.layout.packages, key);
    assert(this.#installed.has(key), `removal of ${key}, which is not installed`);
    refuseMountsBelow(folder); // a renaming would carry a mount below it along into the trash
    this.#installed.delete(key);
    const aside = join(this.#setup.layout.trash, `${key}.${this.#next++}`);
    await rename(folder, aside);
    this.#remove(aside);
  }

  /** Ends installs under way and waits until nothing of the installer runs any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay.values());
    await Promise.allSettled(this.#removals);
  }

  async #adopt(name: string): Promise<void> {
    const { packages, trash } = this.#setup.layout;
    const pinned = parsePinned(name);
    const meta =
      pinned !== undefined && keyOf(pinned) === name
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
    const { tool, uid, run } = this.#setup;
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
    const dependencies = await evaluateMarkers(
      requirements,
      tool.python,
      uid,
      run,
      this.#closing.signal,
    );
    const meta: PackageMeta = {
      dependencies: [...dependencies],
      topLevel: [...topLevel],
      diskBytes,
    };
    await writeMeta(folder, meta);
    return meta;
  }

  async #runTool(key: string, folder: string): Promise<void> {
    const { tool, timeoutUs, cell } = this.#setup;
    const run = cell === undefined ? this.#runOutside : cell.run;
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
      .catch(() => {}) // the next start clears staging and trash
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}

/** How a package's folder is called. */
function keyOf({ name, version }: PinnedName): string {
  return `${name}==${version}`;
}
