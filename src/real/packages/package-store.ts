import type { PackageId } from "../../contract/package-set.js";

/** What a process needs to import packages: data for a guest, never text that a shell or Python reads. */
export interface PackageImports {
  /** Folders to put on sys.path, as the process sees them. */
  readonly paths: readonly string[];
  /** Modules to import, in the order of the packages asked for. */
  readonly modules: readonly string[];
}

/** One finished installation. */
export interface InstallReport {
  /** Wall time from the call to the package in its place. */
  readonly us: number;
  readonly diskBytes: number;
}

/** The install cache as a backend uses it: packages of one catalogue on local disk. */
export interface PackageStore {
  /** Resolves when the package is complete in its place. Errors: InstallError. */
  install(id: PackageId): Promise<InstallReport>;
  /** Takes the package out of its place; its bytes are freed in the background. */
  uninstall(id: PackageId): Promise<void>;
  /** All `ids` must be installed. */
  pathsOf(ids: Iterable<PackageId>): PackageImports;
  /** Ends installs under way and waits until nothing of the store runs any more. */
  close(): Promise<void>;
}

/** A package that could not be installed; the message is one line, with pip's last line if that says why. */
export class InstallError extends Error {
  override readonly name: string = "InstallError";
  /**
   * `failed`: the installer said no, or installed what is no package; the requirement is at fault.
   * All others are not its fault: `timed-out`: ended by us; `killed`: ended by somebody, or hung;
   * `closed`: the store was closing; `no-space`: the disk is full; `unreachable`: the index does not
   * answer; `broken`: the machine refused something else.
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
