import { InputError, MachineError } from "../basics/errors.js";
import { BAD_INPUT, BROKEN, MACHINE_CANNOT } from "./exit-codes.js";
import type { CliIo } from "./io.js";

/** Writes why a command failed, and returns its exit code. */
export function reportError(error: unknown, io: Pick<CliIo, "err">): number {
  if (error instanceof InputError || error instanceof MachineError) {
    io.err.write(`socklab: ${error.message.replaceAll(/\s*\n\s*/g, " ")}\n`);
    return error instanceof InputError ? BAD_INPUT : MACHINE_CANNOT;
  }
  io.err.write(`socklab: ${error instanceof Error ? error.stack : String(error)}\n`);
  return BROKEN;
}
