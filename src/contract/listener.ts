import type { Completion, Operations } from "./backend.js";
import type { View } from "./policy.js";

/** Whoever wants to know more of a replayed run than an observer is told. */
export interface ReplayListener extends Operations {
  /** An event comes; `view` is still as the one before left it. */
  comes(atUs: number, view: View): void;
  /** What comes is this; the object is filled anew for each. */
  completed(completion: Completion): void;
}
