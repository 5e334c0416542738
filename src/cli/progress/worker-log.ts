import { InputError } from "../../basics/errors.js";
import type { Output } from "./output.js";

export const LOG_FORMATS = ["text", "json"] as const;

/** Lines about the worker itself. What its functions print is not among them. */
export interface WorkerLog {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/**
 * Writes lines as texts, or as JSON with `level`, `time` (ISO 8601), `pid` and `msg`. pino is loaded
 * only for JSON. Errors: InputError if there is no such format.
 */
export async function workerLog(format: string, output: Output): Promise<WorkerLog> {
  if (format === "text") {
    const write = (text: string) => output.write(`${text}\n`);
    return { info: write, warn: write, error: write };
  }
  if (format !== "json") {
    throw new InputError(`--log-format ${format}: expected ${LOG_FORMATS.join(" or ")}`);
  }
  const { pino, stdTimeFunctions } = await import("pino");
  const options = {
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const log = pino(options, { write: (line: string) => output.write(line) });
  return {
    info: (text) => log.info(text),
    warn: (text) => log.warn(text),
    error: (text) => log.error(text),
  };
}
