import { US_PER_SECOND } from "../basics/units.js";
import type { FunctionId } from "../contract/workload.js";

/**
 * The deaths that a function's containers may have in one burst, and how many more per second.
 * Creating a container again takes time of the machine and of the manager from all other functions.
 * At this rate, a function whose containers keep dying takes less time than one that computes
 * without a pause.
 */
export const CRASH_BURST = 10;
export const CRASHES_PER_SECOND = 20;

const US_PER_CRASH = US_PER_SECOND / CRASHES_PER_SECOND;

/**
 * How long a function whose containers die by its own fault waits for the next one: one leaky
 * bucket per function.
 */
export class CrashBudget {
  /** When all deaths of a function so far are paid for. */
  readonly #paidAtUs = new Map<FunctionId, number>();

  /**
   * A container of the function died, or could not be created, because of what the function did.
   */
  died(functionId: FunctionId, nowUs: number): void {
    const paidAtUs = Math.max(nowUs, this.#paidAtUs.get(functionId) ?? 0);
    this.#paidAtUs.set(functionId, paidAtUs + US_PER_CRASH);
  }

  /** Time until the function may have its next container; 0: it may have it now. */
  delayUs(functionId: FunctionId, nowUs: number): number {
    const owedUs = (this.#paidAtUs.get(functionId) ?? 0) - nowUs;
    return Math.max(0, owedUs - CRASH_BURST * US_PER_CRASH);
  }
}
