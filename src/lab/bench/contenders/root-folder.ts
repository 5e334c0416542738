import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MachineError } from "../../../basics/errors.js";
import { runProgram } from "../../../real/host/run-program.js";

const PROGRAM = "/bin/true";
/** Folders that container systems expect, and on which they mount. */
const FOLDERS = ["dev", "proc", "sys", "tmp", "run", "var", "usr", "root", "etc"];
const LDD_TIMEOUT_US = 10_000_000;

/**
 * Makes a small root file system from the machine's own files: `true`, its libraries, and what mounts
 * need. Returns the command that all contenders run in it.
 */
export async function makeRootFolder(root: string): Promise<readonly string[]> {
  for (const name of FOLDERS) mkdirSync(join(root, name), { recursive: true, mode: 0o755 });
  // systemd-nspawn requires this file
  writeFileSync(join(root, "etc", "os-release"), "ID=socklab-bench\n");
  writeFileSync(join(root, "etc", "passwd"), "root:x:0:0::/:/bin/false\n");
  for (const path of [PROGRAM, ...(await librariesOf(PROGRAM))]) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  return [PROGRAM];
}

/**
 * Paths of the libraries of a program, including its interpreter. linux-vdso is not a file, so it
 * is left out.
 */
async function librariesOf(program: string): Promise<readonly string[]> {
  const env = { PATH: "/usr/bin:/bin" };
  const options = { cwd: "/", env, timeoutUs: LDD_TIMEOUT_US };
  const { exitCode, out, err } = await runProgram("ldd", [program], options);
  if (out.includes("not a dynamic executable")) return [];
  if (exitCode !== 0) throw new MachineError(`ldd ${program}: ${err.trim()}: install libc-bin`);
  return [...out.matchAll(/(?<=\s)\/\S+/g)].map(([path]) => path);
}
