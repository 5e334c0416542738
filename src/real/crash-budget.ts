import { US_PER_SECOND } from "../basics/units.js";
import type { FunctionId } from "../contract/workload.js";

/**
 * Deaths of its containers that a function may have at any one time, and how many per second on top. Making
 * a container again takes the machine's and the manager's time from all other functions; at this rate a
 * function whose containers keep dying takes less than one that computes all the time.
 */
export const CRASH_BURST = 10;
export const CRASHES_PER_SECOND = 20;

const US_PER_CRASH = US_PER_SECOND / CRASHES_PER_SECOND;

/** How long a function whose containers die of themselves waits for the next one: a leaky bucket for each. */
export class CrashBudget {
  /** When all deaths of a function so far will have been paid for. */
  readonly #paidAtUs = new Map<FunctionId, number>();

  /** A container of the function died, or could not be made, by what the function did. */
  died(functionId: FunctionId, nowUs: number): void {
    const paidAtUs = Math.max(nowUs, this.#paidAtUs.get(functionId) ?? 0);
    this.#paidAtUs.set(functionId, paidAtUs + US_PER_CRASH);
  }

  /** Time until the function may have its next container; 0: now. */
  delayUs(functionId: FunctionId, nowUs: number): number {
    const owedUs = (this.#paidAtUs.get(functionId) ?? 0) - nowUs;
    return Math.max(0, owedUs - CRASH_BURST * US_PER_CRASH);
  }
}
