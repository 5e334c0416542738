import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { arch, cpus, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import type { MachineDescription } from "../../results/run-schema.js";

/** The project's folder. The path is the same from src/lab/run and from dist/lab/run. */
export const PROJECT_ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The cost model that ships with socklab. */
export const DEFAULT_COSTS_PATH = `${PROJECT_ROOT}costs.json`;

export const SOCKLAB_VERSION: string = JSON.parse(
  readFileSync(`${PROJECT_ROOT}package.json`, "utf8"),
).version;

/** Describes the machine of this process, for the result. */
export function describeMachine(): MachineDescription {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()} ${arch()}`,
    node: process.version,
  };
}

let commit: string | undefined;

/**
 * Commit of the checkout that runs, with `-dirty` if files were changed; `unknown` outside a
 * checkout. Each process asks git only once, because the code that runs is the code that was
 * loaded.
 */
export function findCommit(): string {
  commit ??= askForCommit();
  return commit;
}

function askForCommit(): string {
  if (!existsSync(`${PROJECT_ROOT}.git`)) return "unknown";
  try {
    const head = git("rev-parse", "--short=12", "HEAD");
    return git("status", "--porcelain", "--untracked-files=no") === "" ? head : `${head}-dirty`;
  } catch {
    return "unknown"; // no git on this machine, or a checkout that belongs to another user
  }
}

function git(...args: readonly string[]): string {
  return execFileSync("git", ["-C", PROJECT_ROOT, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}
