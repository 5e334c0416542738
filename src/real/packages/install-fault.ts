import type { ChildEnd } from "../host/run-program.js";
import { InstallError } from "./package-store.js";
import { lastLine } from "./package-tool.js";

/** What pip and uv say of a full disk, and of an index that they have given up asking. */
const NO_SPACE = /no space left on device|disk quota exceeded/i;
const UNREACHABLE = /Retry\(total=0,|error sending request for url|client error \(Connect\)/;

/** A program of an install: pip, uv, or the Python that evaluates markers. */
interface Program {
  readonly name: string;
  /** What is not done if it does not end well. */
  readonly undone: string;
  readonly timeoutUs: number;
}

/**
 * Why a program of an install did not do its work; undefined: it did. Only a program that ended by
 * itself and said why says that the requirement is at fault (`failed`).
 */
export function faultOf(
  { name, undone, timeoutUs }: Program,
  { ending, exitCode, err }: ChildEnd,
): InstallError | undefined {
  switch (ending) {
    case "aborted":
      return new InstallError("closed", "the worker is stopping");
    case "timed-out":
      return new InstallError("timed-out", `${undone} after ${timeoutUs / 1e6} s`);
    case "stopped":
      return new InstallError("killed", `${undone}: ${name} was stopped, and was killed`);
    case "lost":
      return new InstallError(
        "killed",
        `${undone}: ${name} was lost with the process that began it`,
      );
    case "exited":
      break;
  }
  if (exitCode === 0) return undefined;
  const said = lastLine(err);
  if (exitCode === null)
    return new InstallError("killed", `${undone}: ${name} was killed: ${said}`);
  const isSilent = err.trim() === "";
  return new InstallError(isSilent ? "broken" : reasonOf(err), `${name}: ${said}`);
}

/** Any error of an install of `key` as one that names it, on one line. */
export function installErrorOf(key: string, error: unknown): InstallError {
  const { message, code }: NodeJS.ErrnoException =
    error instanceof Error ? error : new Error(String(error));
  const line = `${key}: ${message.replaceAll(/\s+/g, " ")}`;
  if (error instanceof InstallError) return new InstallError(error.reason, line);
  if (code === "ENOSPC" || code === "EDQUOT") return new InstallError("no-space", line);
  // An error of the kernel's is the machine's fault; all others say what is wrong with the files.
  return new InstallError(code === undefined ? "failed" : "broken", line);
}

function reasonOf(err: string): InstallError["reason"] {
  if (NO_SPACE.test(err)) return "no-space";
  return UNREACHABLE.test(err) ? "unreachable" : "failed";
}
