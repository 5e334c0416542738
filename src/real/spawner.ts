import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { ChildEnd, ChildOptions } from "./child.js";

/**
 * Begins programs for us, each in a session of its own, and kills them when told, or when we are
 * gone. A job ends when its leader has: the rest of its group is killed then, so that nobody holds
 * its pipes open.
 */
const PROGRAM = `
import json, os, signal, subprocess, sys, threading

KEPT = 1 << 16
UNBORN, DOOMED = 0, -1
running = {}  # job: its group, or UNBORN, or DOOMED to be killed when it is born
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
        thread.join()
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
  z.object({ id: z.int(), error: z.string() }),
  z.object({
    id: z.int(),
    exitCode: z.int().nullable(),
    out: z.string(),
    err: z.string(),
  }),
]);
type Reply = z.infer<typeof replyShape>;

/**
 * A small process that begins others in our place. Beginning one from Node blocks its main thread
 * while the kernel copies its page tables: 7 ms at the least, 22 ms with 200 MB of heap.
 */
export class Spawner {
  readonly #helper: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #next = 0;

  /** Blocks once, as any beginning of a process does. */
  constructor(python: string) {
    this.#helper = spawn(python, ["-I", "-S", "-c", PROGRAM], {
      cwd: "/",
      env: {},
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#helper.stdin!.on("error", () => {}); // its end is told by "close"
    const lines = createInterface({ input: this.#helper.stdout! });
    lines.on("line", (line) => this.#heard(replyShape.parse(JSON.parse(line))));
    this.#ended = new Promise((resolve) => {
      const end = () => {
        for (const id of this.#waiting.keys()) {
          this.#heard({ id, error: "the process that begins others is gone" });
        }
        resolve();
      };
      this.#helper.once("error", end);
      this.#helper.once("close", end);
    });
  }

  /** As `runChild`, which it stands in for. */
  readonly run = async (
    program: string,
    args: readonly string[],
    { cwd, env, uid = undefined, timeoutUs, signal, input = "" }: ChildOptions,
  ): Promise<ChildEnd> => {
    const id = this.#next++;
    let ending: ChildEnd["ending"] = "exited";
    const end = (how: ChildEnd["ending"]) => () => {
      ending = how;
      this.#say({ id });
    };
    const abort = end("aborted");
    if (signal?.aborted) return { ending: "aborted", exitCode: null, out: "", err: "" };
    const replied = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    this.#say({ id, argv: [program, ...args], cwd, env, uid: uid ?? null, input });
    const timer = setTimeout(end("timed-out"), timeoutUs / 1000);
    signal?.addEventListener("abort", abort, { once: true });
    const reply = await replied;
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    if ("error" in reply) throw new Error(reply.error);
    const { exitCode, out, err } = reply;
    return { ending, exitCode, out, err };
  };

  /** Kills what still runs, and ends. */
  async close(): Promise<void> {
    this.#helper.stdin!.end();
    await this.#ended;
  }

  /** Ends at once; what it had begun is killed by other means. */
  kill(): void {
    this.#helper.kill("SIGKILL");
  }

  #say(message: object): void {
    this.#helper.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  #heard(reply: Reply): void {
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }
}
