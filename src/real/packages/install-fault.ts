import type { ChildEnd } from "../host/run-program.js";
import { InstallError } from "./package-store.js";
import { lastLine } from "./package-tool.js";

/** What pip and uv print if the disk is full, and if they give up asking the index. */
const NO_SPACE = /no space left on device|disk quota exceeded/i;
const UNREACHABLE = /Retry\(total=0,|error sending request for url|client error \(Connect\)/;

/** A program of an install: pip, uv, or the Python that evaluates markers. */
interface Program {
  readonly name: string;
  /** What is not done if the program fails. */
  readonly undone: string;
  readonly timeoutUs: number;
}

/**
 * Why a program of an install did not do its work; undefined: it did. The requirement is at fault
 * (`failed`) only if the program ended by itself and printed the reason.
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

/** Turns any error of an install into an InstallError that names `key`, on one line. */
export function installErrorOf(key: string, error: unknown): InstallError {
  const { message, code }: NodeJS.ErrnoException =
    error instanceof Error ? error : new Error(String(error));
  const line = `${key}: ${message.replaceAll(/\s+/g, " ")}`;
  if (error instanceof InstallError) return new InstallError(error.reason, line);
  if (code === "ENOSPC" || code === "EDQUOT") return new InstallError("no-space", line);
  // An error of a system call is the machine's fault. All others say what is wrong with the files.
  return new InstallError(code === undefined ? "failed" : "broken", line);
}

function reasonOf(err: string): InstallError["reason"] {
  if (NO_SPACE.test(err)) return "no-space";
  return UNREACHABLE.test(err) ? "unreachable" : "failed";
}
