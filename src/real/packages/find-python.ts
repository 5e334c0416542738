import { access, constants, realpath } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { MachineError } from "../../basics/errors.js";
import { runProgram } from "../host/run-program.js";
import type { PackageTool } from "./package-tool.js";

const CHECK_TIMEOUT_US = 20_000_000;
const PIP_MISSING =
  "no python3 with pip that an ordinary user may run: apt-get install python3-pip, or name one with --python";

/**
 * Finds the program that installs packages for `python` (undefined: Debian's own, or else the one
 * on PATH): uv if the user `uid` can run it, otherwise that Python's pip. Errors: MachineError.
 */
export async function findPackageTool(
  python: string | undefined,
  uid: number | undefined,
): Promise<PackageTool> {
  const candidates = python === undefined ? ["/usr/bin/python3", "python3"] : [python];
  const uv = await findOnPath("uv");
  for (const name of candidates) {
    const path = await findOnPath(name);
    if (path === undefined || !(await works(path, ["-I", "-c", ""], uid))) continue;
    if (uv !== undefined && (await works(uv, ["--version"], uid))) {
      return { kind: "uv", python: path, uv };
    }
    if (await works(path, ["-I", "-m", "pip", "--version"], uid)) {
      return { kind: "pip", python: path };
    }
  }
  throw new MachineError(python === undefined ? PIP_MISSING : `--python ${python}: ${PIP_MISSING}`);
}

/**
 * Real path of a program. A name without a slash is searched in PATH. undefined: it is not there.
 */
export async function findOnPath(name: string): Promise<string | undefined> {
  const { PATH = "" } = process.env;
  const folders = name.includes("/") ? [""] : PATH.split(delimiter);
  for (const folder of folders) {
    const path = folder === "" ? name : join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return realpath(path);
  }
  return undefined;
}

async function works(path: string, args: readonly string[], uid: number | undefined) {
  const options = { cwd: "/", env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent" }, uid };
  return runProgram(path, args, { ...options, timeoutUs: CHECK_TIMEOUT_US }).then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  );
}
