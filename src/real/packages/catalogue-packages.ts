import { assert } from "../../basics/errors.js";
import type { PackageId } from "../../contract/package-set.js";
import type { Package } from "../../contract/workload.js";
import type { Installer } from "./installer.js";
import { FILES_FOLDER, type PackageMeta } from "./package-metadata.js";
import { normaliseName } from "./package-names.js";
import type {
  InstalledModules,
  InstallReport,
  PackageImports,
  PackageStore,
} from "./package-store.js";

/** Path of the install cache in every container. */
export const PACKAGES_IN_CONTAINER = "/packages";

/** The packages of a catalogue in the install cache on disk. The catalogue may grow at its end. */
export class CataloguePackages implements PackageStore, InstalledModules {
  readonly #packages: readonly Package[];
  readonly #installer: Installer;

  constructor(packages: readonly Package[], installer: Installer) {
    this.#packages = packages;
    this.#installer = installer;
  }

  install(id: PackageId): Promise<InstallReport> {
    return this.#installer.install(this.keyOf(id));
  }

  /**
   * Uninstalling a package that was never installed does nothing: pre-install skips packages that
   * no function needs.
   */
  async uninstall(id: PackageId): Promise<void> {
    const key = this.keyOf(id);
    if (this.#installer.installed.has(key)) await this.#installer.uninstall(key);
  }

  pathsOf(ids: Iterable<PackageId>): PackageImports {
    const metas = new Map<string, PackageMeta>();
    for (const id of ids) {
      metas.set(this.keyOf(id), this.#metaOf(id));
    }
    const { merged } = this.#installer;
    merged.make(merged.foldersFor(metas));
    return {
      paths: pathsInContainer(this.#installer, metas),
      modules: [...metas.values()].flatMap(({ topLevel }) => topLevel),
    };
  }

  topLevelOf(id: PackageId): readonly string[] {
    return this.#metaOf(id).topLevel;
  }

  #metaOf(id: PackageId): PackageMeta {
    const key = this.keyOf(id);
    const meta = this.#installer.installed.get(key);
    assert(meta !== undefined, `${key} is imported and not installed`);
    return meta;
  }

  close(): Promise<void> {
    return this.#installer.close();
  }

  keyOf(id: PackageId): string {
    const { name, version } = this.#packages[id];
    return `${normaliseName(name)}==${version}`;
  }
}

/**
 * Folders of installed packages for sys.path, as a container sees them. Merged folders come first,
 * so that Python finds the packages that are in several folders there.
 */
export function pathsInContainer(
  { merged }: Installer,
  packages: ReadonlyMap<string, PackageMeta>,
): readonly string[] {
  const folders = [...merged.foldersFor(packages), ...packages.keys()];
  return folders.map((each) => `${PACKAGES_IN_CONTAINER}/${each}/${FILES_FOLDER}`);
}
