/**
 * Something the world got wrong: a file, an option, a policy file. The message is one line that
 * says what was found, where, and what was expected. The command line prints it and exits with 2.
 */
export class InputError extends Error {
  override readonly name: string = "InputError";
}

/** What this machine lacks, and how to get it. The command line prints it and exits with 3. */
export class MachineError extends Error {
  override readonly name: string = "MachineError";
}

/** Checks an invariant of the code. A broken one stops the run at once, in every mode. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}

/** Closes a switch over a union: a new member becomes a compile error. */
export function unreachable(value: never): never {
  throw new Error(`broken invariant: unexpected ${JSON.stringify(value)}`);
}
