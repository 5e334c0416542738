import { type SpawnOptions, spawn } from "node:child_process";
import { endProcess } from "./end-process.js";

export interface ChildOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** User to run as, with the group of the same number; undefined: this process's own. */
  readonly uid?: number | undefined;
  readonly timeoutUs: number;
  readonly signal?: AbortSignal | undefined;
  /** Text for the standard input; undefined: the program has no input. */
  readonly input?: string | undefined;
}

export interface ChildEnd {
  /**
   * `stopped`: a signal stopped it, and so it was killed; `lost`: the process that began it is
   * gone.
   */
  readonly ending: "exited" | "timed-out" | "aborted" | "stopped" | "lost";
  /** Exit code; null if a signal ended it. */
  readonly exitCode: number | null;
  /** The last part of its output. */
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end: `runProgram`, or `Spawner.run` if Node's thread must not block. */
export type RunProgram = typeof runProgram;

const KEPT_CHARACTERS = 1 << 16;
/**
 * By then, everything that the leader wrote has been read. A process outside its group may keep its
 * pipes open for ever.
 */
const PIPES_GRACE_MS = 1_000;

/**
 * Runs a program to its end in a new process group. The whole group is killed when the time is
 * over, when the signal aborts, and when its leader has ended. Errors: rejects if the program
 * cannot begin.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildEnd> {
  const { cwd, env, uid, timeoutUs, signal, input } = options;
  const settings: SpawnOptions = {
    cwd,
    env,
    detached: true,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, settings);
    const texts = { out: "", err: "" };
    const keep = (name: "out" | "err") => (chunk: Buffer) => {
      texts[name] = (texts[name] + chunk.toString("utf8")).slice(-KEPT_CHARACTERS);
    };
    let ending: ChildEnd["ending"] = "exited";
    const end = (how: ChildEnd["ending"]) => () => {
      ending = how;
      killGroup(child.pid);
    };
    const abort = end("aborted");
    const timer = setTimeout(end("timed-out"), timeoutUs / 1000);
    let grace: NodeJS.Timeout | undefined;
    const closePipes = () => {
      child.stdout!.destroy();
      child.stderr!.destroy();
    };
    child.stdout!.on("data", keep("out"));
    child.stderr!.on("data", keep("err"));
    child.stdin?.on("error", () => {}); // it may end before it has read its whole input
    child.stdin?.end(input);
    signal?.addEventListener("abort", abort, { once: true });
    const stop = () => {
      clearTimeout(timer);
      clearTimeout(grace);
      signal?.removeEventListener("abort", abort);
    };
    child.on("error", (error) => {
      stop();
      reject(error);
    });
    // processes that the leader left behind would keep the pipes open and delay "close"
    child.on("exit", () => {
      killGroup(child.pid);
      grace = setTimeout(closePipes, PIPES_GRACE_MS);
    });
    child.on("close", (exitCode) => {
      stop();
      resolve({ ending, exitCode, ...texts });
    });
    if (signal?.aborted) abort();
  });
}

/** Kills a whole process group; undefined: it never began. */
function killGroup(leader: number | undefined): void {
  if (leader !== undefined) endProcess(-leader);
}
