import type { Output } from "./progress/output.js";

/** Results go to `out`; messages and progress go to `err`. */
export interface CliIo {
  readonly out: Output;
  readonly err: Output;
}
