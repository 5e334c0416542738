/** The end of this container's keep-alive window, or its time to be paused, may have come. */
export const CONTAINER_DUE = 0;
/** The pre-warm window of this function is over. */
export const PREWARM_DUE = 1;
/** The container is ready: it runs the invocation that it was made for, or falls idle. */
export const CONTAINER_READY = 2;
/** An operation for this invocation slot failed: it is tried once more, or has failed. */
export const START_FAILED = 3;
/** The Zygote that this invocation slot waited for is ready: decide again how to start. */
export const START_AGAIN = 4;
/** A container of this function failed while it was made for no invocation. */
export const FUNCTION_FORSAKEN = 5;
/** A package that this container (of that generation) waits for is installed. */
export const CONTAINER_PACKAGE_THERE = 6;
/** A package that this container (of that generation) waits for could not be installed. */
export const CONTAINER_PACKAGE_FAILED = 7;
/** A package that this Zygote (of that generation) waits for is installed. */
export const ZYGOTE_PACKAGE_THERE = 8;
/** A package that this Zygote (of that generation) waits for could not be installed. */
export const ZYGOTE_PACKAGE_FAILED = 9;
/** The Zygote that a pre-warming of this function waited for is ready; `generation`: how many were. */
export const PREWARM_AGAIN = 10;
/** The Zygote that a pre-warming of this function waited for could not be made. */
export const PREWARM_FAILED = 11;
/** A policy wants a start for the first invocation that waits for a busy container of this function. */
export const START_WANTED = 12;
/** A policy wants this container (of that generation) to go. */
export const DROP_WANTED = 13;
/** This container has its packages, and now a place among the creations. */
export const CONTAINER_MAY_BEGIN = 14;
/** This Zygote has its packages, and now a place among the creations. */
export const ZYGOTE_MAY_BEGIN = 15;
/** This invocation slot has waited for a busy container for as long as it should. */
export const WAIT_OVER = 16;
/** A policy wants containers of this function ahead of need; `generation`: how many. */
export const PREWARM_WANTED = 17;

/**
 * A step that the handler of an event may leave for later, with the id that its constant names.
 * Numbers, because a timer leaves one for nearly every invocation.
 */
export type FollowUpKind =
  | typeof CONTAINER_DUE
  | typeof PREWARM_DUE
  | typeof CONTAINER_READY
  | typeof START_FAILED
  | typeof START_AGAIN
  | typeof FUNCTION_FORSAKEN
  | typeof CONTAINER_PACKAGE_THERE
  | typeof CONTAINER_PACKAGE_FAILED
  | typeof ZYGOTE_PACKAGE_THERE
  | typeof ZYGOTE_PACKAGE_FAILED
  | typeof PREWARM_AGAIN
  | typeof PREWARM_FAILED
  | typeof START_WANTED
  | typeof DROP_WANTED
  | typeof CONTAINER_MAY_BEGIN
  | typeof ZYGOTE_MAY_BEGIN
  | typeof WAIT_OVER
  | typeof PREWARM_WANTED;

/** One follow-up. The list owns the object and fills it again: read it before adding another. */
export class FollowUp {
  kind: FollowUpKind = CONTAINER_READY;
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
