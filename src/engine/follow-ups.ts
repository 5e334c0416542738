/** What the handler of an event may leave to be done, and what the id then stands for. */
export type FollowUpKind =
  /** The end of this container's keep-alive window, or its time to be paused, may have come. */
  | "container-due"
  /** The pre-warm window of this function is over. */
  | "prewarm-due"
  /** The container is ready: it runs the invocation that it was made for, or falls idle. */
  | "container-ready"
  /** An operation for this invocation slot failed: it is tried once more, or has failed. */
  | "start-failed"
  /** The Zygote that this invocation slot waited for is ready: decide again how to start. */
  | "start-again"
  /** A container of this function that was being made ahead of any invocation failed. */
  | "function-forsaken"
  /** A package that this container or Zygote of that generation waits for is there, or failed. */
  | "container-package-there"
  | "container-package-failed"
  | "zygote-package-there"
  | "zygote-package-failed";

/** One of them. The list owns the object and fills it again: read it before anything is added. */
export class FollowUp {
  kind: FollowUpKind = "container-ready";
  id: number = 0;
  generation: number = 0;
}

/**
 * What remains to be done after the handler of an event, so that no part of the engine calls back
 * into the one that called it. In order of addition, but what a follow-up itself leads to comes
 * before those that were there already: after a failed install, one waiter is dropped and tried
 * again before the next one is dropped. Nothing is allocated once the list has had its full length.
 */
export class FollowUps {
  /** A stack whose top is the next to be taken; from `#settled` on it is still in order of addition. */
  readonly #stack: FollowUp[] = [];
  #settled = 0;
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(kind: FollowUpKind, id: number, generation = 0): void {
    if (this.#count === this.#stack.length) this.#stack.push(new FollowUp());
    const added = this.#stack[this.#count++];
    added.kind = kind;
    added.id = id;
    added.generation = generation;
  }

  /** The next one, which is no longer in the list; null if there is none. */
  take(): FollowUp | null {
    if (this.#count === 0) return null;
    this.#settle();
    this.#settled = --this.#count;
    return this.#stack[this.#count];
  }

  /** Turns round what was added since the last one was taken, so that the first of it is on top. */
  #settle(): void {
    const stack = this.#stack;
    for (let low = this.#settled, high = this.#count - 1; low < high; low++, high--) {
      const first = stack[low];
      stack[low] = stack[high];
      stack[high] = first;
    }
  }
}
