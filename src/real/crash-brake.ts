import type { FunctionId } from "../contract/workload.js";
import { CRASHES_PER_SECOND, CrashBudget } from "./crash-budget.js";
import type { Poller } from "./host/native.js";
import type { SandboxWarning } from "./sandboxes/sandboxes.js";

const US_PER_MS = 1_000;

const CRASHES_SLOWED: SandboxWarning = {
  code: "crashes-slowed",
  text:
    `a function's containers died more than ${CRASHES_PER_SECOND} times a second: ` +
    "new ones were made later, which their creation times hold",
};

/** Leaves time to all others before a function gets a container again that keeps killing them. */
export class CrashBrake {
  readonly #poller: Poller;
  readonly #warn: (warning: SandboxWarning) => void;
  readonly #budget = new CrashBudget();
  readonly #waiting = new Set<NodeJS.Timeout>();
  #hasWarned = false;

  /** `warn` is called when it first makes a function wait. */
  constructor(poller: Poller, warn: (warning: SandboxWarning) => void) {
    this.#poller = poller;
    this.#warn = warn;
  }

  /** A container of the function died, or could not be made, by what the function did. */
  died(functionId: FunctionId): void {
    this.#budget.died(functionId, this.#poller.now());
  }

  /** Makes the function's next container: at once, or when the function may have it. */
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

  /** What waits is not made any more. */
  close(): void {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
  }
}
