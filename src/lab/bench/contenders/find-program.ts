import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../../../real/host/run-program.js";
import { Absent } from "./contender.js";

const { PATH = "" } = process.env;
/** Debian puts runc into a folder that a user's PATH may lack. */
const FOLDERS = [...PATH.split(":"), "/usr/sbin", "/sbin", "/usr/bin"];
const TIMEOUT_US = 20_000_000;

/** A program's path. Errors: Absent, with the Debian package that brings it. */
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

/** The first version number a program tells of itself. */
export async function versionOf(program: string): Promise<string> {
  const env = { PATH: FOLDERS.join(":"), HOME: "/root" };
  const options = { cwd: "/", env, timeoutUs: TIMEOUT_US };
  const { out, err } = await runProgram(program, ["--version"], options);
  return /\d+(\.\d+)+|\b\d{3}\b/.exec(out + err)?.[0] ?? "unknown";
}
