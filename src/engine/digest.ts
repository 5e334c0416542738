import { OPERATIONS, type Operation, type Operations } from "../contract/backend.js";
import type { PackageId } from "../contract/package-set.js";
import type { ContainerId, ZygoteId } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";

const CODE = Object.fromEntries(OPERATIONS.map((name, code) => [name, code])) as Record<
  Operation,
  number
>;

/**
 * Passes operations on to a backend and hashes them: two runs that decide the same at the same
 * times have the same digest. The hash is two 32-bit lanes of multiply-and-rotate with murmur3's
 * constants, and one step of each lane per word. It is not cryptographic, but fast.
 */
export class DigestedOperations implements Operations {
  /** The time with which operations are hashed; the engine sets it at each event. */
  nowUs = 0;
  readonly #sink: Operations;
  #low = 0x9747b28c;
  #high = 0x3c6ef372;

  constructor(sink: Operations) {
    this.#sink = sink;
  }

  /** Sixteen hexadecimal digits. */
  get digest(): string {
    return [this.#low, this.#high]
      .map((lane) => (finish(lane) >>> 0).toString(16).padStart(8, "0"))
      .join("");
  }

  install(packageId: PackageId): void {
    this.#mix(CODE.install, packageId);
    this.#sink.install(packageId);
  }
  uninstall(packageId: PackageId): void {
    this.#mix(CODE.uninstall, packageId);
    this.#sink.uninstall(packageId);
  }
  createZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    this.#mix(CODE["create-zygote"], zygote);
    this.#word(parent);
    for (const id of added) this.#word(id);
    this.#sink.createZygote(zygote, parent, added);
  }
  createContainer(
    container: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void {
    this.#mix(CODE["create-container"], container);
    this.#word(functionId);
    this.#word(parent);
    this.#sink.createContainer(container, functionId, parent, missing);
  }
  run(container: ContainerId, invocation: number, runUs: number, resumes: boolean): void {
    this.#mix(CODE.run, container);
    this.#word(invocation);
    this.#sink.run(container, invocation, runUs, resumes);
  }
  pause(container: ContainerId): void {
    this.#mix(CODE.pause, container);
    this.#sink.pause(container);
  }
  destroyContainer(container: ContainerId): void {
    this.#mix(CODE["destroy-container"], container);
    this.#sink.destroyContainer(container);
  }
  destroyZygote(zygote: ZygoteId): void {
    this.#mix(CODE["destroy-zygote"], zygote);
    this.#sink.destroyZygote(zygote);
  }

  #mix(code: number, id: number): void {
    const { nowUs } = this;
    this.#pair((id << 4) | code, (nowUs | 0) + ((nowUs * 2 ** -32) | 0));
  }

  /** `value` may exceed 32 bits. */
  #word(value: number): void {
    this.#pair(value | 0, value < 2 ** 32 ? 0 : (value * 2 ** -32) | 0);
  }

  /** One step of each lane; the second lane also takes in the first. */
  #pair(early: number, late: number): void {
    const first = Math.imul(early, 0xcc9e2d51);
    const low = this.#low ^ ((first << 15) | (first >>> 17));
    this.#low = (Math.imul((low << 13) | (low >>> 19), 5) + 0xe6546b64) | 0;
    const second = Math.imul(late, 0x1b873593) ^ this.#low;
    const high = this.#high ^ ((second << 16) | (second >>> 16));
    this.#high = (Math.imul((high << 11) | (high >>> 21), 5) + 0x52dce729) | 0;
  }
}

/** Murmur3's last mixing step. */
function finish(lane: number): number {
  let hash = lane ^ (lane >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
