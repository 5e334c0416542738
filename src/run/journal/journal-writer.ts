import { createHash, type Hash } from "node:crypto";
import type { Completion, Operations } from "../../contract/backend.js";
import type { EngineConfig } from "../../contract/config.js";
import type { PackageId } from "../../contract/package-set.js";
import type { Parameters } from "../../contract/parameters.js";
import type { Places } from "../../contract/places.js";
import type { ContainerId, Family, ZygoteId } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";
import type { FunctionRow, FutureRows, PackageRow, TrainedRows } from "./journal-rows.js";

export const JOURNAL_SCHEMA = "socklab.journal/1";

/**
 * All that a replay needs to make an equal engine. Unlimited sizes and times are null, because JSON
 * has no Infinity.
 */
export interface JournalHeader {
  readonly schema: typeof JOURNAL_SCHEMA;
  readonly version: string;
  readonly commit: string;
  readonly backend: string;
  readonly trace: string;
  readonly seed: number;
  readonly config: {
    readonly [K in keyof EngineConfig]: EngineConfig[K] extends number
      ? number | null
      : EngineConfig[K];
  };
  /** One choice per family. Policies of the user come from `modules`. */
  readonly policies: {
    readonly [F in Family]: {
      readonly name: string;
      readonly parameters: { readonly [K in keyof Parameters]: Parameters[K] | null };
    };
  };
  readonly modules: readonly string[];
  readonly catalogueSource: string;
  readonly packages: readonly PackageRow[];
  readonly functions: readonly FunctionRow[];
  /** Present if a policy is fitted: per family, the functions to which it is. */
  readonly trained?: TrainedRows;
  /** Present if a policy knows the run's arrivals. */
  readonly future?: FutureRows;
  /** Present for a worker: the size of its tables, whose empty places `registered` lines fill. */
  readonly places?: Places;
}

/** A journal's header, and the function that writes its lines; `write` receives whole lines. */
export interface JournalTarget {
  readonly header: JournalHeader;
  readonly write: (text: string) => void;
}

/** New entries in empty places of a worker's tables: pairs of an id and its row. */
export interface Registration {
  readonly function: readonly [FunctionId, FunctionRow];
  readonly packages: readonly (readonly [PackageId, PackageRow])[];
}

/**
 * Writes a run as lines of text: the header in JSON; events as `<atUs> <what> ...`; under each
 * event the operations that it led to, as `  > <operation> ...`; and at last `end <digest> <sha256
 * of all lines above>`. The engine's operations pass through it to the backend.
 */
export class JournalWriter implements Operations {
  readonly #backend: Operations;
  readonly #write: (text: string) => void;
  readonly #hash: Hash = createHash("sha256");

  constructor({ header, write }: JournalTarget, backend: Operations) {
    this.#backend = backend;
    this.#write = write;
    this.#line(JSON.stringify(header));
  }

  arrived(atUs: number, functionId: FunctionId, runUs: number): void {
    this.#line(`${atUs} arrived ${functionId} ${runUs}`);
  }

  completed(completion: Completion): void {
    this.#line(completedLine(completion));
  }

  woke(atUs: number): void {
    this.#line(`${atUs} woke`);
  }

  /** A worker received a function, and the packages of it that were new. */
  registered(atUs: number, registration: Registration): void {
    this.#line(`${atUs} registered ${JSON.stringify(registration)}`);
  }

  drained(atUs: number): void {
    this.#line(`${atUs} drained`);
  }

  end(digest: string): void {
    this.#write(`end ${digest} ${this.#hash.digest("hex")}\n`);
  }

  install(packageId: PackageId): void {
    this.#line(OPERATION_LINES.install(packageId));
    this.#backend.install(packageId);
  }
  uninstall(packageId: PackageId): void {
    this.#line(OPERATION_LINES.uninstall(packageId));
    this.#backend.uninstall(packageId);
  }
  createZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    this.#line(OPERATION_LINES.createZygote(zygote, parent, added));
    this.#backend.createZygote(zygote, parent, added);
  }
  createContainer(
    container: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void {
    this.#line(OPERATION_LINES.createContainer(container, functionId, parent, missing));
    this.#backend.createContainer(container, functionId, parent, missing);
  }
  run(container: ContainerId, invocation: number, runUs: number, resumes: boolean): void {
    this.#line(OPERATION_LINES.run(container, invocation, runUs, resumes));
    this.#backend.run(container, invocation, runUs, resumes);
  }
  pause(container: ContainerId): void {
    this.#line(OPERATION_LINES.pause(container));
    this.#backend.pause(container);
  }
  destroyContainer(container: ContainerId): void {
    this.#line(OPERATION_LINES.destroyContainer(container));
    this.#backend.destroyContainer(container);
  }
  destroyZygote(zygote: ZygoteId): void {
    this.#line(OPERATION_LINES.destroyZygote(zygote));
    this.#backend.destroyZygote(zygote);
  }

  #line(text: string): void {
    this.#hash.update(text).update("\n");
    this.#write(`${text}\n`);
  }
}

/**
 * The line of a completion:
 * `<atUs> completed <operation> <id> <status> <runUs> <bytes> <phases>[ <parentBytes>[ <workUs>]]`.
 * Phases are in the order of PHASES.
 */
function completedLine(completion: Completion): string {
  const { atUs, operation, id, status, runUs, measuredBytes, parentBytes, phaseUs, workUs } =
    completion;
  const isTimed = operation === "run" || operation === "install" || operation.startsWith("create");
  const phases = isTimed ? phaseUs.join(",") : "-";
  const work = workUs < 0 ? "" : ` ${workUs}`;
  const more = parentBytes < 0 && work === "" ? "" : ` ${parentBytes}${work}`;
  return `${atUs} completed ${operation} ${id} ${status} ${operation === "run" ? runUs : 0} ${measuredBytes} ${phases}${more}`;
}

/** The line of each operation in a journal; a replay compares these lines. */
export const OPERATION_LINES = {
  install: (packageId: PackageId): string => `  > install ${packageId}`,
  uninstall: (packageId: PackageId): string => `  > uninstall ${packageId}`,
  createZygote: (zygote: ZygoteId, parent: ZygoteId, added: Int32Array): string =>
    `  > create-zygote ${zygote} from ${parent} importing ${added.join(",") || "nothing"}`,
  createContainer: (
    container: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): string =>
    `  > create-container ${container} of ${functionId} from ${parent} importing ${missing.join(",") || "nothing"}`,
  run: (container: ContainerId, invocation: number, runUs: number, resumes: boolean): string =>
    `  > run ${container} invocation ${invocation} for ${runUs}${resumes ? " resuming" : ""}`,
  pause: (container: ContainerId): string => `  > pause ${container}`,
  destroyContainer: (container: ContainerId): string => `  > destroy-container ${container}`,
  destroyZygote: (zygote: ZygoteId): string => `  > destroy-zygote ${zygote}`,
};
