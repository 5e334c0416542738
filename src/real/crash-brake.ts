import type { FunctionId } from "../contract/workload.js";
import { CRASHES_PER_SECOND, CrashBudget } from "./crash-budget.js";
import type { Poller } from "./host/native.js";
import type { SandboxWarning } from "./sandboxes/sandboxes.js";

const US_PER_MS = 1_000;

const CRASHES_SLOWED: SandboxWarning = {
  code: "crashes-slowed",
  text:
    `a function's containers died more than ${CRASHES_PER_SECOND} times per second: ` +
    "its next containers were created later, and their creation times include the wait",
};

/**
 * Delays the next container of a function that keeps killing its containers, so that all other
 * functions get their time.
 */
export class CrashBrake {
  readonly #poller: Poller;
  readonly #warn: (warning: SandboxWarning) => void;
  readonly #budget = new CrashBudget();
  readonly #waiting = new Set<NodeJS.Timeout>();
  #hasWarned = false;

  /** `warn` is called once, when the first function has to wait. */
  constructor(poller: Poller, warn: (warning: SandboxWarning) => void) {
    this.#poller = poller;
    this.#warn = warn;
  }

  /**
   * A container of the function died, or could not be created, because of what the function did.
   */
  died(functionId: FunctionId): void {
    this.#budget.died(functionId, this.#poller.now());
  }

  /** Creates the function's next container: now, or as soon as its budget allows it. */
  pass(functionId: FunctionId, make: () => void): void {
    const delayUs = this.#budget.delayUs(functionId, this.#poller.now());
    if (delayUs === 0) {
      make();
      return;
    }
    if (!this.#hasWarned) this.#warn(CRASHES_SLOWED);
    this.#hasWarned = true;
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      make();
    }, delayUs / US_PER_MS);
    this.#waiting.add(timer);
  }

  /** Containers that still wait are never created. */
  close(): void {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
  }
}
