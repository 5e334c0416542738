import type { BusyCores } from "./overload.js";
import type { PackageId } from "./package-set.js";
import type { ContainerId, ZygoteId } from "./policy.js";
import type { FunctionId } from "./workload.js";

/**
 * What the engine can ask for. Digests contain an operation's index here: append, never reorder.
 */
export const OPERATIONS = [
  "install",
  "uninstall",
  "create-zygote",
  "create-container",
  "run",
  "pause",
  "destroy-container",
  "destroy-zygote",
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** How an operation ended. */
export const STATUSES = ["ok", "failed", "timed-out", "parent-died"] as const;
export type Status = (typeof STATUSES)[number];

/** The parts of provisioning, in the order in which they happen. */
export const PHASES = ["install", "create", "fork", "import", "load", "resume"] as const;
export type Phase = (typeof PHASES)[number];

/**
 * The operations of a backend. The contract, which every backend keeps:
 *
 * 1. Every operation ends in exactly one completion, never before its call has returned.
 * 2. At most one operation is outstanding for one container, Zygote or package.
 * 3. A completion is stamped with a time that is not before the time of its operation, and
 *    completions come in order of their stamps.
 * 4. A slot (container or Zygote id) is used again only after its destruction has completed, or its
 *    creation has failed; a failed creation leaves nothing behind.
 * 5. A failed run leaves its container unusable: the engine destroys the container.
 * 6. `parent-died` completes a creation whose Zygote is gone; the engine forgets that Zygote
 *    without destroying it.
 * 7. The destruction of a Zygote does not harm the containers that were forked from it.
 */
export interface Operations {
  install(packageId: PackageId): void;
  uninstall(packageId: PackageId): void;
  /** Imports `added` in a process forked from `parent`; if that is NONE, in a fresh interpreter. */
  createZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void;
  /**
   * Makes a container of the function that imports `missing`; NONE as `parent` means a cold start.
   */
  createContainer(
    container: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void;
  /**
   * Serves one invocation. If `resumes`, the container is paused and must be resumed first.
   * `invocation` is the arrival's number from 0, and `runUs` its run time on an idle machine.
   */
  run(container: ContainerId, invocation: number, runUs: number, resumes: boolean): void;
  pause(container: ContainerId): void;
  destroyContainer(container: ContainerId): void;
  destroyZygote(zygote: ZygoteId): void;
}

/** How one operation ended. The object belongs to the backend, which fills it again each time. */
export class Completion {
  atUs: number = 0;
  operation: Operation = "run";
  /** Id of the container, Zygote or package that the operation concerned. */
  id: number = 0;
  status: Status = "ok";
  /** Wall time that the handler ran, for `run`. */
  runUs: number = 0;
  /**
   * Wall time per phase, for creations (create, fork, import, load), `run` (resume) and `install`.
   * The phase resume is what the pause has added to the overhead of the run; the overhead itself is
   * no phase, after any kind of start.
   */
  readonly phaseUs: Float64Array = new Float64Array(PHASES.length);
  /**
   * Unshared bytes of the process, measured when a creation, run or pausing ended well. From then
   * on they are charged instead of an estimate. -1: not measured.
   */
  measuredBytes: number = -1;
  /** Unshared bytes of the Zygote that a container was forked from, for `create-container`. */
  parentBytes: number = -1;
  /**
   * Time that a creation would have taken on an idle machine, for `create-container`; -1: the
   * backend does not know it.
   */
  workUs: number = -1;
}

/** A wait has ended because its time has come; every completion up to it has been handed over. */
export const DUE = 1;
/** A wait has ended because an operation has completed. */
export const COMPLETION = 2;
/** A wait has ended early for another reason: ask again. */
export const INTERRUPTED = 3;
/** How a wait ended. Numbers, because the loop compares one per event. */
export type Advance = typeof DUE | typeof COMPLETION | typeof INTERRUPTED;

export interface Backend extends Operations {
  readonly name: "sim" | "real" | "recorded";
  /** The completion that `advance` has handed over. */
  readonly completion: Completion;
  /**
   * Lets time pass until the next completion, but not beyond `untilUs` (Infinity: without a limit).
   * A completion at exactly `untilUs` comes before `due`. It throws if no operation is outstanding
   * and `untilUs` is Infinity.
   */
  advance(untilUs: number): Advance | Promise<Advance>;
  /** Ends a wait of `advance` early. It does nothing if no `advance` waits. */
  interrupt(): void;
  /** Microseconds since the run began. */
  readonly nowUs: number;
  /** When there was more to run than the cores can, until now. Absent: this is not known. */
  busyCores?(): BusyCores | null;
  /** Releases all that the backend has opened or made. */
  close(): void | Promise<void>;
}
