import { MachineError } from "../../basics/errors.js";

/**
 * Checks that this process is root's, before anything else is looked for: without root much is
 * missing, and the message about it would mislead. Errors: MachineError.
 */
export function needRoot(what: string, user: number | undefined = process.getuid?.()): void {
  if (user === 0) return;
  throw new MachineError(`${what} needs root on Linux: run it as root, for example with sudo`);
}
