import type { ContainerId, View } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";

/** The mean run time of each function so far, over its last runs. */
export class MeanRunTimes {
  readonly #meanUs: Float64Array;
  readonly #runs: Float64Array;
  readonly #window: number;

  /** `window`: in the long run the newest run weighs one part in so many. */
  constructor(functions: number, window: number) {
    this.#meanUs = new Float64Array(functions);
    this.#runs = new Float64Array(functions);
    this.#window = window;
  }

  ended({ containers }: View, container: ContainerId, runUs: number): void {
    const functionId = containers.functionOf(container);
    const runs = Math.min(++this.#runs[functionId], this.#window);
    this.#meanUs[functionId] += (runUs - this.#meanUs[functionId]) / runs;
  }

  /** 0 if the function never ran. */
  meanUsOf(functionId: FunctionId): number {
    return this.#meanUs[functionId];
  }
}
