import type { PackageId } from "./package-set.js";

/** The install cache as policies see it. */
export interface InstallsView {
  readonly diskLimitBytes: number;
  readonly usedBytes: number;
  isInstalled(packageId: PackageId): boolean;
  /** A live container or Zygote, or one being created, uses it: it may not be dropped. */
  isPinned(packageId: PackageId): boolean;
  /** When a provisioning last looked it up on disk. */
  lastUsedUs(packageId: PackageId): number;
  /** How many provisionings looked it up on disk so far. */
  usesOf(packageId: PackageId): number;
  /** Installed packages, in order of installation. The set is the engine's own. */
  readonly installed: ReadonlySet<PackageId>;
}
