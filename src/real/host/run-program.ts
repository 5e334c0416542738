import { type SpawnOptions, spawn } from "node:child_process";
import { endProcess } from "./end-process.js";

export interface ChildOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Run as this user and group of the same number; undefined: as this process. */
  readonly uid?: number | undefined;
  readonly timeoutUs: number;
  readonly signal?: AbortSignal | undefined;
  /** Text for its standard input; undefined: it has none. */
  readonly input?: string | undefined;
}

export interface ChildEnd {
  /** `stopped`: by a signal, and so killed; `lost`: the process that began it is gone. */
  readonly ending: "exited" | "timed-out" | "aborted" | "stopped" | "lost";
  /** Exit code; null where a signal ended it. */
  readonly exitCode: number | null;
  /** The last part of what it wrote. */
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end: `runChild`, or `Spawner.run` where nothing may block. */
export type RunProgram = typeof runProgram;

const KEPT_CHARACTERS = 1 << 16;
/** What the leader has written is read by then; somebody outside its group may hold its pipes for ever. */
const PIPES_GRACE_MS = 1_000;

/**
 * Runs a program in a process group of its own to its end; the whole group is killed when its
 * time is over, when the signal aborts, and once its leader has ended. Errors: where it cannot begin.
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
    child.stdin?.on("error", () => {}); // it may end without reading all it is told
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
    // whoever the leader left behind would hold the pipes open, and "close" back
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

/** Kills all of a process group; undefined: it never began. */
function killGroup(leader: number | undefined): void {
  if (leader !== undefined) endProcess(-leader);
}
