import { assert } from "../basics/errors.js";
import {
  type Advance,
  COMPLETION,
  Completion,
  DUE,
  INTERRUPTED,
  type Operation,
  PHASES,
  type Phase,
  type Status,
} from "../contract/backend.js";
import { AT_ANY_TIME } from "../contract/workload.js";
import type { Poller } from "./host/native.js";

/** What is known about an ended operation besides its status. */
export interface OperationEnd {
  readonly runUs?: number;
  readonly phases?: Partial<Readonly<Record<Phase, number>>>;
  readonly measuredBytes?: number;
  readonly parentBytes?: number;
}

interface Ended extends OperationEnd {
  readonly atUs: number;
  readonly operation: Operation;
  readonly id: number;
  readonly status: Status;
}

/**
 * Queues completions for the engine, and keeps the run's clock. A completion is stamped with the
 * time at which its news arrived.
 */
export class Completions {
  /** The completion that was handed over last. */
  readonly current: Completion = new Completion();
  readonly #poller: Pick<Poller, "now" | "setTimer">;
  readonly #originUs: number;
  readonly #ended: Ended[] = [];
  #outstanding = 0;
  #waiting: { readonly untilUs: number; readonly resolve: (advance: Advance) => void } | undefined;
  readonly #later: (act: () => void) => void;

  /** `later` calls back after the event loop has delivered everything that happened meanwhile. */
  constructor(
    poller: Pick<Poller, "now" | "setTimer">,
    later: (act: () => void) => void = setImmediate,
  ) {
    this.#poller = poller;
    this.#later = later;
    this.#originUs = poller.now();
  }

  get nowUs(): number {
    return this.#poller.now() - this.#originUs;
  }

  /** Counts an operation that begins. Returns the run's time. */
  begin(): number {
    this.#outstanding++;
    return this.nowUs;
  }

  end(operation: Operation, id: number, status: Status, outcome: OperationEnd = {}): void {
    this.#outstanding--;
    this.#ended.push({ ...outcome, atUs: this.nowUs, operation, id, status });
    this.wake();
  }

  /** Implements `Backend.advance`. */
  advance(untilUs: number): Advance | Promise<Advance> {
    if (this.#take(untilUs)) return COMPLETION;
    // the oldest one ended later, and no older one can follow
    if (this.#ended.length > 0) return DUE;
    assert(
      this.#outstanding > 0 || untilUs !== Number.POSITIVE_INFINITY,
      "the run waits for something that will never come",
    );
    return new Promise((resolve) => {
      this.#waiting = { untilUs, resolve };
      // The time has passed already. What has happened meanwhile is delivered first.
      if (untilUs <= this.nowUs) this.#later(() => this.wake());
      else if (untilUs < AT_ANY_TIME) {
        this.#poller.setTimer(Math.ceil(untilUs + this.#originUs));
      }
    });
  }

  /** Implements `Backend.interrupt`. */
  interrupt(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(INTERRUPTED);
  }

  /** The timer has run out, or a completion has arrived. */
  wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (this.#ended.length === 0 && this.nowUs < waiting.untilUs) return; // an earlier wait's timer
    this.#waiting = undefined;
    waiting.resolve(this.#take(waiting.untilUs) ? COMPLETION : DUE);
  }

  /** Hands over the oldest completion that is not later than `untilUs`, if there is one. */
  #take(untilUs: number): boolean {
    const next = this.#ended[0];
    if (next === undefined || next.atUs > untilUs) return false;
    this.#ended.shift();
    const { current } = this;
    current.atUs = next.atUs;
    current.operation = next.operation;
    current.id = next.id;
    current.status = next.status;
    current.runUs = next.runUs ?? 0;
    current.measuredBytes = next.measuredBytes ?? -1;
    current.parentBytes = next.parentBytes ?? -1;
    for (const [index, phase] of PHASES.entries()) {
      current.phaseUs[index] = next.phases?.[phase] ?? 0;
    }
    return true;
  }
}
