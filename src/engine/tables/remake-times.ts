import type { FunctionId } from "../../contract/workload.js";

/**
 * What making a container of each function takes on an idle machine when its packages are
 * installed, for cold starts and forks. If the backend knows the work of a creation, it is the mean
 * of the work. If not, it is the least time that a creation took, in which other operations had the
 * smallest part.
 */
export class RemakeTimes {
  /** Two entries per function: cold, forked. */
  readonly #us: Float64Array;
  readonly #count: Int32Array;

  constructor(functions: number) {
    this.#us = new Float64Array(2 * functions).fill(Number.POSITIVE_INFINITY);
    this.#count = new Int32Array(2 * functions);
  }

  /** A creation took `elapsedUs` after the installs. `workUs` is -1 if it is not known. */
  add(functionId: FunctionId, isForked: boolean, workUs: number, elapsedUs: number): void {
    const at = 2 * functionId + Number(isForked);
    const count = ++this.#count[at];
    if (workUs < 0) this.#us[at] = Math.min(this.#us[at], elapsedUs);
    else if (count === 1) this.#us[at] = workUs;
    else this.#us[at] += (workUs - this.#us[at]) / count;
  }

  /** Infinity before the first creation of the kind. */
  of(functionId: FunctionId, isForked: boolean): number {
    return this.#us[2 * functionId + Number(isForked)];
  }
}
