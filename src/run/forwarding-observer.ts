import type { MemoryView } from "../contract/memory-view.js";
import type { InvocationRecord, Observer, PrewarmEvent, Tier } from "../contract/observer.js";

/** Passes all reports on. A class that also wants some of them extends it. */
export class ForwardingObserver implements Observer {
  readonly #to: Observer;

  constructor(to: Observer) {
    this.#to = to;
  }

  arrived(atUs: number, functionId: number): void {
    this.#to.arrived(atUs, functionId);
  }
  late(lateUs: number): void {
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
