import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../../../real/host/run-program.js";
import { Absent } from "./contender.js";

const { PATH = "" } = process.env;
/**
 * PATH and the folders in which Debian installs programs such as runc, because a user's PATH may
 * lack them.
 */
const FOLDERS = [...PATH.split(":"), "/usr/sbin", "/sbin", "/usr/bin"];
const TIMEOUT_US = 20_000_000;

/** Finds the path of a program. Errors: Absent, naming the Debian package of the program. */
export async function findProgram(name: string, debianPackage: string): Promise<string> {
  for (const folder of FOLDERS.filter((each) => each !== "")) {
    const path = join(folder, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new Absent(
    `no ${name} on PATH: apt-get install ${debianPackage}, or scripts/peers.sh start`,
  );
}

/** The first version number in what `--version` prints. */
export async function versionOf(program: string): Promise<string> {
  const env = { PATH: FOLDERS.join(":"), HOME: "/root" };
  const options = { cwd: "/", env, timeoutUs: TIMEOUT_US };
  const { out, err } = await runProgram(program, ["--version"], options);
  return /\d+(\.\d+)+|\b\d{3}\b/.exec(out + err)?.[0] ?? "unknown";
}
