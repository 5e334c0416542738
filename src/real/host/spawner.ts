import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { endProcess } from "./end-process.js";
import type { ChildEnd, ChildOptions } from "./run-program.js";
import { KILL_GRACE_MS } from "./time-limits.js";

/**
 * Source of a Python process that starts programs for the worker, each in its own session, and kills
 * them on request or when the worker has gone. When a program ends, the rest of its process group is
 * killed, so that no member of the group keeps the program's pipes open.
 */
const PROGRAM = `
import json, os, signal, subprocess, sys, threading

KEPT = 1 << 16
PIPES_GRACE_S = 1
UNBORN, DOOMED = 0, -1
running = {}  # job: its group, or UNBORN, or DOOMED: killed as soon as it has begun
lock = threading.Lock()

def tell(message):
    with lock:
        sys.stdout.write(json.dumps(message) + "\\n")
        sys.stdout.flush()

def kill(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass

def keep(pipe, kept):
    while True:
        chunk = os.read(pipe.fileno(), KEPT)
        if not chunk:
            return
        kept[0] = (kept[0] + chunk)[-KEPT:]

def feed(pipe, text):
    try:
        pipe.write(text.encode())
        pipe.close()
    except BrokenPipeError:
        pass

def perform(job):
    user = {} if job["uid"] is None else {"user": job["uid"], "group": job["uid"], "extra_groups": []}
    try:
        child = subprocess.Popen(
            job["argv"], cwd=job["cwd"], env=job["env"], start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **user)
    except (OSError, subprocess.SubprocessError) as error:
        with lock:
            del running[job["id"]]
        tell({"id": job["id"], "error": str(error)})
        return
    with lock:
        if running[job["id"]] == DOOMED:
            kill(child.pid)
        running[job["id"]] = child.pid
    tell({"id": job["id"], "pid": child.pid})
    out, err = [b""], [b""]
    threads = [
        threading.Thread(target=keep, args=(child.stdout, out)),
        threading.Thread(target=keep, args=(child.stderr, err)),
        threading.Thread(target=feed, args=(child.stdin, job["input"])),
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()
    code = child.wait()
    with lock:
        del running[job["id"]]
    kill(child.pid)
    for thread in threads[:2]:
        thread.join(PIPES_GRACE_S)  # a process outside the group may keep a pipe open
    texts = [each[0].decode(errors="replace") for each in (out, err)]
    tell({"id": job["id"], "exitCode": code if code >= 0 else None, "out": texts[0], "err": texts[1]})

def end(job):
    with lock:
        pid = running.get(job)
        if pid == UNBORN:
            running[job] = DOOMED
        elif pid is not None and pid != DOOMED:
            kill(pid)

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for line in sys.stdin:
    job = json.loads(line)
    if "argv" in job:
        running[job["id"]] = UNBORN
        threading.Thread(target=perform, args=(job,), daemon=True).start()
    else:
        end(job["id"])
for job in list(running):
    end(job)
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join(1)
`;

const replyShape = z.union([
  z.object({ id: z.int(), pid: z.int().positive() }),
  z.object({ id: z.int(), error: z.string() }),
  z.object({
    id: z.int(),
    exitCode: z.int().nullable(),
    out: z.string(),
    err: z.string(),
  }),
]);
type Reply = z.infer<typeof replyShape>;

type Helper = ChildProcessByStdio<Writable, Readable, null>;

/** A program that is running. */
interface Job {
  /** The program's process group, when it is known. */
  group: number | undefined;
  readonly end: (end: ChildEnd | Error) => void;
}

const NOTHING_SAID = { exitCode: null, out: "", err: "" };

/**
 * A small helper process that begins other programs. If Node began them, its main thread would be
 * blocked while the kernel copies its page tables, which takes longer the larger its heap is. A
 * helper that does not kill a program in time is hung: it is killed with all programs that it
 * began, and a new helper begins the next one.
 */
export class Spawner {
  readonly #python: string;
  readonly #jobs = new Map<number, Job>();
  /** undefined: the helper has ended. */
  #helper: Helper | undefined;
  #ended: Promise<void> = Promise.resolve();
  #next = 0;

  /** Blocks Node's main thread once, while the helper begins. */
  constructor(python: string) {
    this.#python = python;
    this.#helper = this.#begin();
  }

  /** Does what `runProgram` does, and does not block. */
  readonly run = async (
    program: string,
    args: readonly string[],
    { cwd, env, uid = undefined, timeoutUs, signal, input = "" }: ChildOptions,
  ): Promise<ChildEnd> => {
    if (signal?.aborted) return { ending: "aborted", ...NOTHING_SAID };
    const id = this.#next++;
    let ending: ChildEnd["ending"] = "exited";
    let grace: NodeJS.Timeout | undefined;
    const end = (how: ChildEnd["ending"]) => () => {
      ending = how;
      this.#say({ id });
      grace ??= setTimeout(() => this.kill(), KILL_GRACE_MS);
    };
    const abort = end("aborted");
    this.#helper ??= this.#begin();
    const ended = new Promise<ChildEnd | Error>((resolve) =>
      this.#jobs.set(id, { group: undefined, end: resolve }),
    );
    this.#say({ id, argv: [program, ...args], cwd, env, uid: uid ?? null, input });
    const timer = setTimeout(end("timed-out"), timeoutUs / 1000);
    signal?.addEventListener("abort", abort, { once: true });
    const result = await ended;
    clearTimeout(timer);
    clearTimeout(grace);
    signal?.removeEventListener("abort", abort);
    if (result instanceof Error) throw result;
    return ending === "exited" ? result : { ...result, ending };
  };

  /** Kills the programs that still run, and ends the helper. */
  async close(): Promise<void> {
    this.#helper?.stdin.end();
    const grace = setTimeout(() => this.kill(), KILL_GRACE_MS);
    await this.#ended;
    clearTimeout(grace);
  }

  #begin(): Helper {
    const helper = spawn(this.#python, ["-I", "-S", "-c", PROGRAM], {
      cwd: "/",
      env: {},
      stdio: ["pipe", "pipe", "inherit"],
    });
    helper.stdin.on("error", () => {}); // "close" reports its end
    const lines = createInterface({ input: helper.stdout });
    lines.on("line", (line) => this.#heard(replyShape.parse(JSON.parse(line))));
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#helper = undefined;
        for (const id of this.#jobs.keys()) this.#lose(id);
        resolve();
      };
      helper.once("error", end);
      helper.once("close", end);
    });
    return helper;
  }

  /** Kills the helper at once. */
  kill(): void {
    this.#helper?.kill("SIGKILL");
  }

  #say(message: object): void {
    this.#helper?.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #heard(reply: Reply): void {
    const job = this.#jobs.get(reply.id);
    if (job === undefined) return;
    if ("pid" in reply) {
      job.group = reply.pid;
      return;
    }
    this.#jobs.delete(reply.id);
    if ("error" in reply) job.end(new Error(reply.error));
    else job.end({ ending: "exited", exitCode: reply.exitCode, out: reply.out, err: reply.err });
  }

  /** The helper is gone, so this ends the program itself. How the program ended is unknown. */
  #lose(id: number): void {
    const { group, end } = this.#jobs.get(id)!;
    this.#jobs.delete(id);
    if (group !== undefined) endProcess(-group);
    end({ ending: "lost", ...NOTHING_SAID });
  }
}
