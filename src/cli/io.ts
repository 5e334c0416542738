/** Where a command writes text: a process's stream, or a test's buffer. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Results go to `out`; messages and progress go to `err`. */
export interface CliIo {
  readonly out: Output;
  readonly err: Output;
}
