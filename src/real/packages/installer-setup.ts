import type { RunProgram } from "../host/run-program.js";
import type { StateLayout } from "../state/instance.js";
import type { InstallSandbox } from "./install-sandbox.js";
import type { PackageIndex, PackageTool } from "./package-tool.js";

/** What an installer is built from. */
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
