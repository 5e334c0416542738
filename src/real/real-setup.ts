import type { FunctionId, FunctionProfile } from "../contract/workload.js";
import type { InvocationEnd } from "./guests/container.js";
import type { Python } from "./host/python.js";
import { DEFAULT_RUN_TIMEOUT_MS, usualMakeTimeoutMs } from "./host/time-limits.js";
import type { PackageStore } from "./packages/package-store.js";
import type { SandboxOptions, SandboxWarning } from "./sandboxes/sandboxes.js";

export interface RealOptions extends SandboxOptions {
  /** Most time for a run. */
  readonly runTimeoutMs: number;
  /** Confined and warmed children each Zygote holds ready, not yet any function's. */
  readonly sparesPerZygote: number;
}

export const DEFAULT_OPTIONS: RealOptions = {
  containerLimits: { memoryBytes: 512 * 1024 ** 2, cores: Number.POSITIVE_INFINITY, processes: 64 },
  scratchBytes: 64 * 1024 ** 2,
  readySlots: 8,
  network: "host",
  allowMetadata: false,
  roots: "best",
  disabledTechniques: [],
  answers: { answerBytes: 6 * 1024 ** 2, outputChars: 64 * 1024 },
  makeTimeoutMs: usualMakeTimeoutMs(DEFAULT_RUN_TIMEOUT_MS),
  runTimeoutMs: DEFAULT_RUN_TIMEOUT_MS,
  sparesPerZygote: 0,
};

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
  onRan?(invocation: number, ran: InvocationEnd): void;
  /** Told why an operation failed, and of doubtful Zygotes. */
  onProblem?(text: string): void;
  /** Told what this machine lacks, and once if a function's crashes are slowed down; default: a problem. */
  onWarning?(warning: SandboxWarning): void;
  readonly options?: Partial<RealOptions>;
}
