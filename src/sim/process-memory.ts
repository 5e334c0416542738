import { importedBytes } from "../engine/footprint.js";
import { type ContainerId, NONE, type ZygoteId } from "../engine/policy.js";
import type { FunctionId, FunctionProfile, Package } from "../engine/workload.js";
import { type Costs, footprintOf } from "./costs.js";

/** Bytes that processes inherit and hold, as far as times depend on them. */
export class ProcessMemory {
  readonly #functions: readonly FunctionProfile[];
  readonly #packages: readonly Package[];
  readonly #interpreterBytes: number;
  /** By slot: what a Zygote hands down, what it added to its parent, what a container alone holds. */
  readonly #handedDown: number[] = [];
  readonly #ofZygote: number[] = [];
  readonly #ofContainer: number[] = [];
  /** By function. */
  readonly #ofHandler: number[] = [];

  constructor(setup: {
    readonly costs: Costs;
    readonly functions: readonly FunctionProfile[];
    readonly packages: readonly Package[];
  }) {
    this.#functions = setup.functions;
    this.#packages = setup.packages;
    this.#interpreterBytes = footprintOf(setup.costs).interpreterBytes;
  }

  /** What a child of the Zygote inherits; 0 for what starts from nothing. */
  inheritedFrom(zygote: ZygoteId): number {
    return zygote === NONE ? 0 : this.#handedDown[zygote]!;
  }

  addZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    let bytes = parent === NONE ? this.#interpreterBytes : 0;
    for (const id of added) bytes += this.#packages[id]!.memoryBytes;
    this.#ofZygote[zygote] = bytes;
    this.#handedDown[zygote] = this.inheritedFrom(parent) + bytes;
  }

  addContainer(container: ContainerId, functionId: FunctionId, parent: ZygoteId): void {
    const { memoryBytes } = this.#functions[functionId]!;
    this.#ofContainer[container] = Math.max(0, memoryBytes - this.inheritedFrom(parent));
  }

  ofZygote(zygote: ZygoteId): number {
    return this.#ofZygote[zygote]!;
  }

  ofContainer(container: ContainerId): number {
    return this.#ofContainer[container]!;
  }

  /** What a function's handler keeps beyond interpreter and packages. */
  handlerBytes(functionId: FunctionId): number {
    this.#ofHandler[functionId] ??= this.#handlerBytes(this.#functions[functionId]!);
    return this.#ofHandler[functionId];
  }

  #handlerBytes({ memoryBytes, closure }: FunctionProfile): number {
    const imported = importedBytes(closure, this.#packages);
    return Math.max(0, memoryBytes - this.#interpreterBytes - imported);
  }
}
