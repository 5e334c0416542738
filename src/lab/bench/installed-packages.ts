import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { assert, MachineError } from "../../basics/errors.js";
import { type PackageId, PackageSet } from "../../contract/package-set.js";
import type { FunctionProfile, Package } from "../../contract/workload.js";
import { runProgram } from "../../real/host/run-program.js";
import { type OpenState, openState } from "../../real/open-state.js";
import { CataloguePackages } from "../../real/packages/catalogue-packages.js";
import { normaliseName } from "../../real/packages/package-names.js";
import type { PackageStore } from "../../real/packages/package-store.js";
import { indexArguments, lastLine, type PackageIndex } from "../../real/packages/package-tool.js";
import { LiveWorkload } from "../../worker/live-workload.js";

const DOWNLOAD_LIMIT_US = 120_000_000;
const INSTALLS_AT_ONCE = 2;
/** Memory of a Python process that has imported nothing. No measurement depends on it. */
const INTERPRETER_BYTES = 13 * 1024 ** 2;

/** Packages of a bench in its own install cache, one folder per package as in a run. */
export class InstalledPackages {
  readonly state: OpenState;
  readonly packages: readonly Package[];
  readonly store: PackageStore;
  /** `name==version` by name. */
  readonly #pins: ReadonlyMap<string, string>;
  readonly #workload: LiveWorkload;

  constructor(state: OpenState, pins: ReadonlyMap<string, string>) {
    this.state = state;
    this.#pins = pins;
    this.#workload = new LiveWorkload(INTERPRETER_BYTES);
    this.#workload.makePlaces({ functions: 1, packages: pins.size });
    this.#workload.add("all", state.installer.installed);
    this.packages = this.#workload.packages;
    const store = new CataloguePackages(this.packages, state.installer);
    // several backends use the installer one after another, so only `release` closes it
    this.store = {
      install: (id) => store.install(id),
      uninstall: (id) => store.uninstall(id),
      pathsOf: (ids) => store.pathsOf(ids),
      close: async () => {},
    };
  }

  /** The installed version of a package. */
  versionOf(name: string): string {
    return this.#pins.get(normaliseName(name))!.split("==")[1];
  }

  /** `name==version` of every package, which is also the name of its folder. */
  get keys(): readonly string[] {
    return [...this.#pins.values()];
  }

  /** These packages and all packages that they depend on. */
  closureOf(names: readonly string[]): PackageSet {
    const ids = new Set(names.map((name) => this.#idOf(name)));
    for (const id of ids) for (const other of this.packages[id].dependencies) ids.add(other);
    return new PackageSet(ids);
  }

  /** The profile of a function that needs these packages. */
  functionOf(name: string, packages: readonly string[]): FunctionProfile {
    const closure = this.closureOf(packages);
    return { name, app: 0, memoryBytes: 1, requirements: closure, closure, weight: 1 };
  }

  #idOf(name: string): PackageId {
    const id = this.packages.findIndex((each) => each.name === normaliseName(name));
    assert(id >= 0, `${name} is not among the bench's packages`);
    return id;
  }

  async release(): Promise<void> {
    await this.state.installer.close();
    await this.state.release();
  }
}

/**
 * Downloads the wheels of packages and their dependencies, as pip chooses them, into a new folder.
 * Errors: MachineError with pip's last line, for example if there is no network.
 */
export async function downloadWheels(
  folder: string,
  python: string,
  index: PackageIndex,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const how = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"];
  const args = ["-m", "pip", "download", ...how, "-d", folder, ...indexArguments(index), ...names];
  const { exitCode, err } = await runProgram(python, args, {
    cwd: folder,
    env: process.env as Record<string, string>,
    timeoutUs: DOWNLOAD_LIMIT_US,
    signal,
  });
  signal.throwIfAborted();
  if (exitCode !== 0) {
    throw new MachineError(
      `${names.join(", ")} cannot be downloaded (${lastLine(err)}): connect to PyPI, or name a folder of wheels with --index`,
    );
  }
}

/**
 * Installs all wheels of a folder into a new state folder, which stays open. Errors: MachineError,
 * InstallError.
 */
export async function installWheels(
  wheels: string,
  folder: string,
  python: string | undefined,
): Promise<InstalledPackages> {
  const state = await openState({
    stateFolder: join(folder, "state"),
    python,
    index: { kind: "folder", path: wheels },
    installsAtOnce: INSTALLS_AT_ONCE,
    keepsPackages: false,
  });
  try {
    const pins = pinsOf(await readdir(wheels));
    await Promise.all([...pins.values()].map((pin) => state.installer.install(pin)));
    return new InstalledPackages(state, pins);
  } catch (error) {
    await state.installer.close();
    await state.release();
    throw error;
  }
}

/** Maps package names to `name==version`, from the file names of wheels (PEP 427). */
export function pinsOf(files: readonly string[]): ReadonlyMap<string, string> {
  const pins = new Map<string, string>();
  for (const file of files.toSorted()) {
    const parts = /^([^-]+)-([^-]+)-.*\.whl$/.exec(file);
    if (parts === null) continue;
    const name = normaliseName(parts[1]);
    pins.set(name, `${name}==${parts[2]}`);
  }
  return pins;
}
