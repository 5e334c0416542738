import type { FunctionId } from "./workload.js";

/**
 * What a policy may ask for at any notice or question, instead of waiting until it is asked. The
 * engine acts when it has handled the event. What is no longer possible by then is ignored.
 */
export interface Act {
  /** Calls the policy's `onTick` at this time, instead of at a time set before. Infinity: never. */
  tickAt(atUs: number): void;
  /** A start is begun for the function's first invocation that waits for a busy container. */
  startWaiting(functionId: FunctionId): void;
  /**
   * `count` containers of the function are to be idle or in the making: those that are missing are
   * made as at the end of a pre-warm window. The function's next arrival gives up what has not begun.
   */
  prewarm(functionId: FunctionId, count: number): void;
  /** The container with this id goes: now if it is idle, else as soon as the invocation has ended that it serves. */
  drop(container: number): void;
}
