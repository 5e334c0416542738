import { NONE } from "../../basics/none.js";
import type { Operation } from "../../contract/backend.js";
import type { PackageId } from "../../contract/package-set.js";
import type { ContainerId, ZygoteId } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";

/** Describes an operation without its slots, so that two runs that decide alike have equal keys. */
export interface OperationKey {
  readonly operation: Operation;
  /** Id of the container, Zygote or package, as in its completion. */
  readonly id: number;
  /** The exact work: this package, this function with these imports, or this invocation. */
  readonly work: string;
  /** The kind of work, on any package, function or invocation. */
  readonly kind: string;
}

/** Makes the keys of a run's operations, and remembers what each slot contains. */
export class OperationKeys {
  readonly #functionOf: FunctionId[] = [];
  readonly #packagesOf: (readonly PackageId[])[] = [];

  package(operation: "install" | "uninstall", id: PackageId): OperationKey {
    return { operation, id, work: `${operation} ${id}`, kind: operation };
  }

  createZygote(id: ZygoteId, parent: ZygoteId, added: Int32Array): OperationKey {
    const inherited = parent === NONE ? [] : this.#packagesOf[parent];
    this.#packagesOf[id] = [...inherited, ...added].sort((a, b) => a - b);
    const kind = `create-zygote ${parent === NONE ? "fresh" : "forked"}`;
    return {
      operation: "create-zygote",
      id,
      work: `${kind} ${inherited} + ${added}`,
      kind,
    };
  }

  createContainer(
    id: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): OperationKey {
    this.#functionOf[id] = functionId;
    const kind = `create-container ${parent === NONE ? "fresh" : "forked"}`;
    return { operation: "create-container", id, work: `${kind} ${functionId} + ${missing}`, kind };
  }

  run(id: ContainerId, invocation: number, resumes: boolean): OperationKey {
    const kind = `run ${resumes ? "resumed" : "ready"}`;
    return { operation: "run", id, work: `run ${invocation}`, kind };
  }

  container(operation: "pause" | "destroy-container", id: ContainerId): OperationKey {
    return { operation, id, work: `${operation} ${this.#functionOf[id]}`, kind: operation };
  }

  destroyZygote(id: ZygoteId): OperationKey {
    const operation = "destroy-zygote";
    return { operation, id, work: `${operation} ${this.#packagesOf[id]}`, kind: operation };
  }
}
