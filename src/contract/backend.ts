import type { PackageId } from "./package-set.js";
import type { ContainerId, ZygoteId } from "./policy.js";
import type { FunctionId } from "./workload.js";

/** What the engine can ask for. Codes stand in journals' digests: append, never reorder. */
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
 * The operations of a backend. The contract, for the simulated and the real one alike:
 *
 * 1. Every operation ends in exactly one completion, never before the call has returned.
 * 2. At most one operation is outstanding for one container, Zygote or package.
 * 3. A completion is stamped with a time that is not before its operation's, and completions come
 *    in order of their stamps.
 * 4. A slot (container or Zygote id) is used again only after its destruction has completed, or its
 *    creation has failed; a failed creation leaves nothing behind.
 * 5. A failed run leaves its container unfit: the engine destroys it.
 * 6. `parent-died` completes a creation whose Zygote is gone; the engine forgets that Zygote
 *    without destroying it.
 * 7. Destruction of a Zygote does not harm containers forked from it.
 */
export interface Operations {
  install(packageId: PackageId): void;
  uninstall(packageId: PackageId): void;
  /** Imports `added` in a process forked from `parent`, or in a fresh interpreter if it is NONE. */
  createZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void;
  /** Makes a container of the function, importing `missing`, from `parent` or from nothing (NONE). */
  createContainer(
    container: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void;
  /**
   * Serves one invocation; `resumes` says that the container is paused and must be resumed first.
   * `invocation` is the arrival's number from 0, `runUs` its run time on an idle machine.
   */
  run(container: ContainerId, invocation: number, runUs: number, resumes: boolean): void;
  pause(container: ContainerId): void;
  destroyContainer(container: ContainerId): void;
  destroyZygote(zygote: ZygoteId): void;
}

/** How one operation ended. The object belongs to the backend, which fills it anew each time. */
export class Completion {
  atUs: number = 0;
  operation: Operation = "run";
  /** Container, Zygote or package, as the operation says. */
  id: number = 0;
  status: Status = "ok";
  /** Wall time the handler ran, for `run`. */
  runUs: number = 0;
  /** Wall time by phase, for creations (create, fork, import, load), `run` (resume), `install`. */
  readonly phaseUs: Float64Array = new Float64Array(PHASES.length);
  /**
   * Unshared bytes of the process, measured when a creation, run or pausing had ended well; from then
   * on they are charged in place of an estimate. -1: not measured.
   */
  measuredBytes: number = -1;
  /** The same of the Zygote that a container was forked from, for `create-container`. */
  parentBytes: number = -1;
}

/**
 * What a wait came to. `completion`: an operation has completed. `due`: the time waited for has come,
 * and every completion up to it has been handed over. `interrupted`: neither; ask again.
 */
export type Advance = "completion" | "due" | "interrupted";

export interface Backend extends Operations {
  readonly name: "sim" | "real" | "recorded";
  /** What `advance` has handed over. */
  readonly completion: Completion;
  /**
   * Lets time pass until the next completion, but not beyond `untilUs` (Infinity: as long as it
   * takes). A completion at exactly `untilUs` comes first. It throws if nothing is outstanding and
   * there is no end to wait for.
   */
  advance(untilUs: number): Advance | Promise<Advance>;
  /** Ends a wait of `advance` early. Nothing happens if nobody waits. */
  interrupt(): void;
  /** Microseconds since the run began. */
  readonly nowUs: number;
  /** Gives back all the backend holds. */
  close(): void | Promise<void>;
}
