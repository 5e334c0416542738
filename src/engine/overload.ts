import { LongTimes } from "../basics/long-times.js";
import { OVERLOAD_US, type Overload, SHORTAGES, type Shortage } from "../contract/overload.js";

/** What the first waiting invocation lacks: an index in SHORTAGES, or NO_SHORTAGE. */
export const NO_SHORTAGE = -1;
export const SHORT_OF_PLACES: number = SHORTAGES.indexOf("runs");
export const SHORT_OF_CREATIONS: number = SHORTAGES.indexOf("creations");
export const SHORT_OF_ROOM: number = SHORTAGES.indexOf("memory or disk");

/**
 * Finds the times in which the demand exceeds the machine: those longer than a minute in which, at
 * each moment, at least one invocation waits for memory, disk, a creation, or the end of a run.
 */
export class OverloadWatch {
  readonly #times = new LongTimes(OVERLOAD_US);
  readonly #spentUs = new Float64Array(SHORTAGES.length);
  readonly #longUs = new Float64Array(SHORTAGES.length);
  #shortage = NO_SHORTAGE;
  #sinceUs = 0;

  /** True: invocations wait, as far as it knows. */
  get isOn(): boolean {
    return this.#shortage !== NO_SHORTAGE;
  }

  /** From now on, this is what the first waiting invocation lacks. */
  note(shortage: number, nowUs: number): void {
    if (shortage === this.#shortage) return;
    if (this.#shortage !== NO_SHORTAGE) this.#spentUs[this.#shortage] += nowUs - this.#sinceUs;
    this.#shortage = shortage;
    this.#sinceUs = nowUs;
    const isLong = this.#times.note(shortage !== NO_SHORTAGE, nowUs);
    if (shortage !== NO_SHORTAGE) return;
    if (isLong) for (const at of SHORTAGES.keys()) this.#longUs[at] += this.#spentUs[at];
    this.#spentUs.fill(0);
  }

  /** The overload of a run that ends now; null if there was none. */
  overload(nowUs: number): Overload | null {
    this.note(NO_SHORTAGE, nowUs);
    const { firstUs, totalUs } = this.#times;
    if (totalUs === 0) return null;
    const us = SHORTAGES.map((shortage, at) => [shortage, this.#longUs[at]] as const);
    return { firstUs, totalUs, us: Object.fromEntries(us) as Record<Shortage, number> };
  }
}
