import type { Observer } from "../contract/observer.js";
import { ForwardingObserver } from "./forwarding-observer.js";

/**
 * Passes all reports on, and records how late arrivals were handled. In an open loop, each arrival
 * is stamped with the time at which it was due, however busy the machine was then.
 */
export class LatenessObserver extends ForwardingObserver {
  readonly #nowUs: () => number;
  #count = 0;
  #sumUs = 0;
  maxUs = 0;

  constructor(to: Observer, nowUs: () => number) {
    super(to);
    this.#nowUs = nowUs;
  }

  get meanUs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count;
  }

  override arrived(atUs: number, functionId: number): void {
    const lateUs = Math.max(0, this.#nowUs() - atUs);
    this.#count++;
    this.#sumUs += lateUs;
    if (lateUs > this.maxUs) this.maxUs = lateUs;
    super.arrived(atUs, functionId);
    this.late(lateUs);
  }
}
