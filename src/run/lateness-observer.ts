import type { MemoryView } from "../contract/memory-view.js";
import type { InvocationRecord, Observer, PrewarmEvent, Tier } from "../contract/observer.js";

/**
 * Passes all reports on, and records how late arrivals were handled. In an open loop, each arrival
 * is stamped with the time at which it was due, however busy the machine was then.
 */
export class LatenessObserver implements Observer {
  readonly #to: Observer;
  readonly #nowUs: () => number;
  #count = 0;
  #sumUs = 0;
  maxUs = 0;

  constructor(to: Observer, nowUs: () => number) {
    this.#to = to;
    this.#nowUs = nowUs;
  }

  get meanUs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count;
  }

  arrived(atUs: number, functionId: number): void {
    const lateUs = Math.max(0, this.#nowUs() - atUs);
    this.#count++;
    this.#sumUs += lateUs;
    if (lateUs > this.maxUs) this.maxUs = lateUs;
    this.#to.arrived(atUs, functionId);
    this.#to.late?.(lateUs);
  }
  started(atUs: number, functionId: number, startKind: number, invocation: number): void {
    this.#to.started(atUs, functionId, startKind, invocation);
  }
  ended(atUs: number, record: InvocationRecord): void {
    this.#to.ended(atUs, record);
  }
  inserted(atUs: number, tier: Tier): void {
    this.#to.inserted(atUs, tier);
  }
  left(atUs: number, tier: Tier, evicted: boolean): void {
    this.#to.left(atUs, tier, evicted);
  }
  prewarmed(event: PrewarmEvent, count: number): void {
    this.#to.prewarmed(event, count);
  }
  minuteEnded(atUs: number, memory: MemoryView, queueLength: number): void {
    this.#to.minuteEnded(atUs, memory, queueLength);
  }
  warned(code: string, text: string): void {
    this.#to.warned(code, text);
  }
}
