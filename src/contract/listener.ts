import type { Completion, Operations } from "./backend.js";
import type { View } from "./policy.js";

/** Receives the events and operations of a replayed run, which an observer does not see. */
export interface ReplayListener extends Operations {
  /** An event is about to be handled; `view` is still as the event before it left it. */
  comes(atUs: number, view: View): void;
  /**
   * The event announced last is this completion. The object is filled again for each completion.
   */
  completed(completion: Completion): void;
}
