import type { PackageId } from "../../contract/package-set.js";

/**
 * What a process needs to import packages. The guest receives it as data: neither a shell nor
 * Python executes it.
 */
export interface PackageImports {
  /** Folders for sys.path, as the process sees them. */
  readonly paths: readonly string[];
  /** Modules to import, in the order of the requested packages. */
  readonly modules: readonly string[];
}

/** What is known of installed packages. */
export interface InstalledModules {
  /** `name==version` */
  keyOf(id: PackageId): string;
  /** Modules that can be imported by one name. */
  topLevelOf(id: PackageId): readonly string[];
}

/** One finished installation. */
export interface InstallReport {
  /** Wall time from the call until the package is in its place. */
  readonly us: number;
  readonly diskBytes: number;
}

/** The install cache as a backend uses it: packages of one catalogue on local disk. */
export interface PackageStore {
  /** Resolves when the package is complete in its place. Errors: InstallError. */
  install(id: PackageId): Promise<InstallReport>;
  /** Removes the package from its place. Its bytes are freed in the background. */
  uninstall(id: PackageId): Promise<void>;
  /** What a process needs to import these packages, which must be installed. */
  pathsOf(ids: Iterable<PackageId>): PackageImports;
  /** Ends installs in progress, and waits until no process of the store runs any more. */
  close(): Promise<void>;
}

/**
 * A package could not be installed. The message is one line, and contains the installer's last line
 * if that gives the reason.
 */
export class InstallError extends Error {
  override readonly name: string = "InstallError";
  /**
   * `failed`: the installer refused the package, or installed something that is not a package. Only
   * here is the requirement at fault. `timed-out`: this process ended the install; `killed`:
   * another process ended it, or it hung; `closed`: the store was closing; `no-space`: the disk is
   * full; `unreachable`: the index does not answer; `broken`: the machine refused something else.
   */
  readonly reason:
    | "failed"
    | "timed-out"
    | "killed"
    | "closed"
    | "no-space"
    | "unreachable"
    | "broken";

  constructor(reason: InstallError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}
