/** A step that the handler of an event may leave for later; each line says what its id means. */
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
  /** A container of this function failed while it was made ahead of any invocation. */
  | "function-forsaken"
  /**
   * A package that this container or Zygote (of that generation) waits for is installed, or failed.
   */
  | "container-package-there"
  | "container-package-failed"
  | "zygote-package-there"
  | "zygote-package-failed";

/** One follow-up. The list owns the object and fills it again: read it before adding another. */
export class FollowUp {
  kind: FollowUpKind = "container-ready";
  id: number = 0;
  generation: number = 0;
}

/**
 * The follow-ups of an event, so that no part of the engine calls back into the part that called
 * it. They come in order of addition, but the follow-ups of a follow-up come before those that were
 * in the list already: after a failed install, one waiter is dropped and tried again before the
 * next one is dropped. The list allocates only when it becomes longer than it ever was.
 */
export class FollowUps {
  /** A stack whose top is taken next; the part from `#settled` on is still in order of addition. */
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

  /** Takes the next one out of the list; null if the list is empty. */
  take(): FollowUp | null {
    if (this.#count === 0) return null;
    this.#settle();
    this.#settled = --this.#count;
    return this.#stack[this.#count];
  }

  /** Reverses the part added since the last `take`, so that the first one added is on top. */
  #settle(): void {
    const stack = this.#stack;
    for (let low = this.#settled, high = this.#count - 1; low < high; low++, high--) {
      const first = stack[low];
      stack[low] = stack[high];
      stack[high] = first;
    }
  }
}
