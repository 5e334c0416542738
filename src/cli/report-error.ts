import { InputError, MachineError } from "../basics/errors.js";
import { BAD_INPUT, BROKEN, MACHINE_CANNOT } from "./exit-codes.js";
import type { CliIo } from "./io.js";

/** What only the disk or its owner can be the cause of, whatever operation it ended. */
const OF_THE_DISK: readonly (string | undefined)[] = [
  ...["EROFS", "ENOSPC", "EDQUOT", "EIO"],
  ...["EACCES", "EMFILE", "ENFILE", "ENAMETOOLONG"],
];

/** Writes why a command failed, and returns its exit code. */
export function reportError(error: unknown, io: Pick<CliIo, "err">): number {
  if (error instanceof InputError || error instanceof MachineError) {
    io.err.write(`socklab: ${error.message.replaceAll(/\s*\n\s*/g, " ")}\n`);
    return error instanceof InputError ? BAD_INPUT : MACHINE_CANNOT;
  }
  if (error instanceof Error && OF_THE_DISK.includes((error as NodeJS.ErrnoException).code)) {
    // Node's message begins with the code and ends with the path
    io.err.write(`socklab: ${error.message}\n`);
    return BAD_INPUT;
  }
  io.err.write(`socklab: ${error instanceof Error ? error.stack : String(error)}\n`);
  return BROKEN;
}
