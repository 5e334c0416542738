import type { FunctionId, FunctionProfile } from "../contract/workload.js";
import type { InvocationEnd } from "./guests/container-work.js";
import type { CreationEnd } from "./guests/creation-times.js";
import type { GuestRequest } from "./guests/guest-request.js";
import type { Python } from "./host/python.js";
import { DEFAULT_RUN_TIMEOUT_MS, usualMakeTimeoutMs } from "./host/time-limits.js";
import type { ImportsAhead } from "./imports-ahead.js";
import type { PackageStore } from "./packages/package-store.js";
import type { SandboxOptions, SandboxWarning } from "./sandboxes/sandboxes.js";

export interface RealOptions extends SandboxOptions {
  /** Longest run of a handler. */
  readonly runTimeoutMs: number;
  /**
   * Number of children that each Zygote keeps ready. They are confined and warmed up, and belong to
   * no function yet.
   */
  readonly sparesPerZygote: number;
  /**
   * Time that a thawed process needs until it reads its socket again. One run cannot show it, so it
   * comes from a calibration, and the phase `resume` of a run is the thaw plus this.
   */
  readonly wakeUs: number;
}

export const DEFAULT_OPTIONS: RealOptions = {
  containerLimits: {
    memoryBytes: 512 * 1024 ** 2,
    cores: Number.POSITIVE_INFINITY,
    processes: 256,
  },
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
  wakeUs: 0,
};

/** What a real backend is built from. */
export interface RealSetup {
  /** Names the backend's cgroups (instance.ts). */
  readonly instance: string;
  /** A folder that only this backend mounts into. */
  readonly folder: string;
  readonly python: Python;
  /** Folder that containers see as /packages. */
  readonly packagesFolder: string;
  /** A root file system to use instead of the machine's own. */
  readonly base?: string | undefined;
  readonly store: PackageStore;
  readonly functions: readonly FunctionProfile[];
  /** Folder with a function's `f.py`. */
  codeOf(functionId: FunctionId): string;
  /** A function's settings as JSON (HandlerSettings); default: none. */
  settingsOf?(functionId: FunctionId): string | undefined;
  /** The request of an invocation; default: its number and run time as the event. */
  requestOf?(invocation: number, runUs: number, functionId: FunctionId): GuestRequest;
  /**
   * What Zygotes import of their packages, if functions import their modules themselves. Default:
   * Zygotes and containers import every module of their packages that has one name.
   */
  readonly ahead?: ImportsAhead | undefined;
  /** Called with the end of each container's creation. */
  onMade?(functionId: FunctionId, creation: CreationEnd): void;
  /** Called with the end of each invocation, which includes its answer. */
  onRan?(invocation: number, end: InvocationEnd): void;
  /** Called with the reason why an operation failed, and with doubts about a Zygote. */
  onProblem?(text: string): void;
  /**
   * Called with each thing that this machine lacks, and once if a function's crashes are slowed
   * down; default: `onProblem`.
   */
  onWarning?(warning: SandboxWarning): void;
  readonly options?: Partial<RealOptions>;
}
