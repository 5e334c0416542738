import { NONE } from "../../basics/none.js";
import { importedBytes } from "../../contract/footprint.js";
import type { ContainerId, ZygoteId } from "../../contract/policy.js";
import type { FunctionId, FunctionProfile, Package } from "../../contract/workload.js";
import type { Costs } from "./costs.js";

export interface MemorySetup {
  readonly costs: Costs;
  readonly functions: readonly FunctionProfile[];
  readonly packages: readonly Package[];
}

export interface ProcessBytes {
  /** Bytes that it does not share. */
  readonly aloneBytes: number;
  /** Bytes of packages that it imported itself, and bytes that it inherited. */
  readonly importedBytes: number;
  readonly inheritedBytes: number;
  /** Bytes that its handler keeps; 0 for a Zygote, which has no handler. */
  readonly keptBytes: number;
}

interface ZygoteBytes extends ProcessBytes {
  /** Bytes that its children inherit. */
  readonly handedDownBytes: number;
}

/**
 * Inherited and unshared bytes of simulated processes. Inherited bytes follow the catalogue and the
 * trace, because times are fitted to these. Unshared bytes are those that the cgroup of a real
 * process would count.
 */
export class MemoryModel {
  readonly #setup: MemorySetup;
  readonly #costs: Costs["costs"];
  /** Per slot. */
  readonly #zygotes: ZygoteBytes[] = [];
  readonly #containers: ProcessBytes[] = [];
  /** Per function: bytes that its handler keeps in addition to interpreter and packages. */
  readonly #ofHandler: number[] = [];

  constructor(setup: MemorySetup) {
    this.#setup = setup;
    this.#costs = setup.costs.costs;
  }

  /** Bytes that a child of the Zygote inherits; 0 for NONE. */
  inheritedFrom(zygote: ZygoteId): number {
    return zygote === NONE ? 0 : this.#zygotes[zygote].handedDownBytes;
  }

  addZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    const { interpreterMemory, zygotePrivateMemory } = this.#costs;
    const isRoot = parent === NONE;
    const inheritedBytes = this.inheritedFrom(parent);
    const importedBytes = this.#bytesOf(added);
    const { value: baseBytes } = isRoot ? interpreterMemory : zygotePrivateMemory;
    this.#zygotes[zygote] = {
      aloneBytes: this.#alone(baseBytes, inheritedBytes, importedBytes),
      importedBytes,
      inheritedBytes,
      keptBytes: 0,
      handedDownBytes: inheritedBytes + (isRoot ? interpreterMemory.value : 0) + importedBytes,
    };
  }

  addContainer(
    container: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void {
    const { freshPrivateMemory, forkPrivateMemory } = this.#costs;
    const inheritedBytes = this.inheritedFrom(parent);
    const importedBytes = this.#bytesOf(missing);
    const { value: baseBytes } = parent === NONE ? freshPrivateMemory : forkPrivateMemory;
    const keptBytes = this.handlerBytes(functionId);
    this.#containers[container] = {
      aloneBytes: this.#alone(baseBytes, inheritedBytes, importedBytes) + keptBytes,
      importedBytes,
      inheritedBytes,
      keptBytes,
    };
  }

  zygote(id: ZygoteId): ProcessBytes {
    return this.#zygotes[id];
  }

  container(id: ContainerId): ProcessBytes {
    return this.#containers[id];
  }

  /** Bytes that a function's handler keeps in addition to interpreter and packages. */
  handlerBytes(functionId: FunctionId): number {
    this.#ofHandler[functionId] ??= this.#handlerBytes(this.#setup.functions[functionId]);
    return this.#ofHandler[functionId];
  }

  /**
   * Unshared bytes: the process without packages, its page tables, and the packages it imported.
   */
  #alone(baseBytes: number, inheritedBytes: number, packageBytes: number): number {
    const { inheritedMemoryScale, importMemoryScale } = this.#costs;
    return Math.round(
      baseBytes +
        inheritedMemoryScale.value * inheritedBytes +
        importMemoryScale.value * packageBytes,
    );
  }

  #bytesOf(ids: Int32Array): number {
    let bytes = 0;
    for (const id of ids) bytes += this.#setup.packages[id].memoryBytes;
    return bytes;
  }

  #handlerBytes({ memoryBytes, closure }: FunctionProfile): number {
    const imported = importedBytes(closure, this.#setup.packages);
    return Math.max(0, Math.round(memoryBytes - this.#costs.interpreterMemory.value - imported));
  }
}
