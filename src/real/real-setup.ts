import type { FunctionId, FunctionProfile } from "../engine/workload.js";
import type { Ran } from "./containers.js";
import type { MachineWarning } from "./machine.js";
import type { PackageStore } from "./package-store.js";
import type { Python } from "./python.js";
import type { RealOptions } from "./real-backend.js";

/** What a real backend is made with. */
export interface RealSetup {
  /** Names its cgroups (instance.ts). */
  readonly instance: string;
  /** Folder of its own for mounts. */
  readonly folder: string;
  readonly python: Python;
  /** Folder shown as /packages. */
  readonly packagesFolder: string;
  /** A root file system in place of the machine's own. */
  readonly base?: string | undefined;
  readonly store: PackageStore;
  readonly functions: readonly FunctionProfile[];
  /** Folder with a function's `f.py`. */
  codeOf(functionId: FunctionId): string;
  /** The request of an invocation, `{"event": ..., "env": {...}}`; default: its number and run time. */
  requestOf?(invocation: number, runUs: number, functionId: FunctionId): string;
  /** Told how each invocation ended, with its answer. */
  onRan?(invocation: number, ran: Ran): void;
  /** Told why an operation failed, and of doubtful Zygotes. */
  onProblem?(text: string): void;
  /** Told what this machine lacks, and once if a function's crashes are slowed down; default: a problem. */
  onWarning?(warning: MachineWarning): void;
  readonly options?: Partial<RealOptions>;
}
