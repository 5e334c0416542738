import { assert } from "../../basics/errors.js";
import type { PackageId } from "../../contract/package-set.js";
import type { Package } from "../../contract/workload.js";
import type { Installer } from "./installer.js";
import { FILES_FOLDER } from "./package-metadata.js";
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
    const paths: string[] = [];
    const modules: string[] = [];
    for (const id of ids) {
      modules.push(...this.topLevelOf(id));
      paths.push(`${PACKAGES_IN_CONTAINER}/${this.keyOf(id)}/${FILES_FOLDER}`);
    }
    return { paths, modules };
  }

  topLevelOf(id: PackageId): readonly string[] {
    const key = this.keyOf(id);
    const meta = this.#installer.installed.get(key);
    assert(meta !== undefined, `${key} is imported and not installed`);
    return meta.topLevel;
  }

  close(): Promise<void> {
    return this.#installer.close();
  }

  keyOf(id: PackageId): string {
    const { name, version } = this.#packages[id];
    return `${normaliseName(name)}==${version}`;
  }
}
