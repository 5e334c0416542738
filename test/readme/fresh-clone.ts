import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { SLOWNESS } from "../slowness.js";
import { type Command, patternOf } from "./console-blocks.js";

const ROOT = new URL("../..", import.meta.url).pathname;
/**
 * Limit on a command that hangs. The longest command compiles the addon, perhaps on a busy machine.
 */
const LONGEST_MS = 600_000 * SLOWNESS;

/**
 * The environment without the variables that vitest and npm set, which a reader's terminal does not
 * have.
 */
const READERS_ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_ENV$|NODE_OPTIONS$|npm_|TEST$|VITE)/.test(name),
  ),
);

/**
 * Copies the files that a clone of this repository would have, and new files that are not committed
 * yet. They are copied because `git clone` refuses a repository that belongs to another user.
 */
export function copyClone(): string {
  const clone = join(mkdtempSync(join(tmpdir(), "socklab-readme-")), "socklab");
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const git = ["-c", "safe.directory=*", ...list];
  const paths = execFileSync("git", git, { cwd: ROOT, encoding: "utf8" }).split("\0");
  for (const path of paths.filter((each) => each !== "" && existsSync(join(ROOT, each))))
    cpSync(join(ROOT, path), join(clone, path));
  return clone;
}

/** Performs a command as a reader would, and compares what it prints with what the page shows. */
export async function perform(
  { text, output }: Command,
  folder: string,
  inside: readonly string[] = [],
): Promise<void> {
  const run = start(text, folder, inside);
  const timer = setTimeout(() => run.stop("SIGKILL"), LONGEST_MS);
  const exitCode = await run.ended;
  clearTimeout(timer);
  expect({ text, exitCode, printed: exitCode === 0 ? "" : run.printed() }).toEqual({
    text,
    exitCode: 0,
    printed: "",
  });
  if (output.length > 0) expect(run.printed()).toMatch(patternOf(output));
}

export interface Running {
  /** Standard output and standard error so far, in the order in which they were printed. */
  printed(): string;
  stop(signal: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
}

/**
 * Starts a command in a shell. `inside` is a program, with its arguments, that runs the shell's
 * command line.
 */
export function start(text: string, folder: string, inside: readonly string[] = []): Running {
  const [program, ...args] = [...inside, "bash", "-c", `exec 2>&1; cd "${folder}"; ${text}`];
  const child = spawn(program, args, {
    env: READERS_ENVIRONMENT,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString("utf8");
  });
  return {
    printed: () => withLineEnd(printed.replaceAll("\r", "")),
    // sends the signal to all processes of the command, as a terminal does
    stop: (signal) => process.kill(-child.pid!, signal),
    ended: new Promise((resolve) => child.once("close", resolve)),
  };
}

function withLineEnd(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
