import { Completion, type Operation, PHASES, type Phase, type Status } from "../engine/backend.js";
import { assert } from "../engine/errors.js";
import type { Poller } from "./native.js";

/** What is known of an ended operation beyond its status. */
export interface Outcome {
  readonly runUs?: number;
  readonly phases?: Partial<Readonly<Record<Phase, number>>>;
  readonly measuredBytes?: number;
  readonly parentBytes?: number;
}

interface Ended extends Outcome {
  readonly atUs: number;
  readonly operation: Operation;
  readonly id: number;
  readonly status: Status;
}

/** Completions on their way to the engine, and the run's clock. Stamps are those of the news' arrival. */
export class Completions {
  /** The one last handed over. */
  readonly current: Completion = new Completion();
  readonly #poller: Poller;
  readonly #originUs: number;
  readonly #ended: Ended[] = [];
  #outstanding = 0;
  #waiting: { readonly untilUs: number; readonly resolve: (isDone: boolean) => void } | undefined;

  constructor(poller: Poller) {
    this.#poller = poller;
    this.#originUs = poller.now();
  }

  get nowUs(): number {
    return this.#poller.now() - this.#originUs;
  }

  /** An operation begins. Returns the run's time. */
  begin(): number {
    this.#outstanding++;
    return this.nowUs;
  }

  end(operation: Operation, id: number, status: Status, outcome: Outcome = {}): void {
    this.#outstanding--;
    this.#ended.push({ ...outcome, atUs: this.nowUs, operation, id, status });
    this.wake();
  }

  /** As `Backend.advance`. */
  advance(untilUs: number): boolean | Promise<boolean> {
    if (this.#ended.length > 0) return this.#take(untilUs);
    assert(
      this.#outstanding > 0 || untilUs !== Number.POSITIVE_INFINITY,
      "the run waits for something that will never come",
    );
    return new Promise((resolve) => {
      // Behind its time: what has happened meanwhile is heard first.
      if (untilUs <= this.nowUs) setImmediate(() => resolve(this.#take(untilUs)));
      else {
        this.#waiting = { untilUs, resolve };
        if (untilUs !== Number.POSITIVE_INFINITY) {
          this.#poller.setTimer(Math.ceil(untilUs + this.#originUs));
        }
      }
    });
  }

  /** Ends a wait of `advance` before its time: it answers false, and something else has come up. */
  interrupt(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(false);
  }

  /** The timer ran out, or a completion came. */
  wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (this.#ended.length === 0 && this.nowUs < waiting.untilUs) return; // an earlier wait's timer
    this.#waiting = undefined;
    waiting.resolve(this.#take(waiting.untilUs));
  }

  /** Hands over the oldest that is not after `untilUs`, if there is one. */
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
