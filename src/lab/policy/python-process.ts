import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MachineError } from "../../basics/errors.js";
import { decodeJson, encodeJson } from "./python-json.js";

const HOST = fileURLToPath(new URL("../../../python/policy_host.py", import.meta.url));
/** Time for one answer, and for loading the policy. */
const LIMIT_S = 10;
const CHUNK_BYTES = 65536;
const LINE_END = 10;

/** An exception of a policy in Python, or the end of its process. */
export class PythonError extends Error {
  override readonly name: string;
  /** File and line; undefined if the process ended without a word. */
  readonly place: string | undefined;

  constructor(name: string, message: string, place?: string) {
    super(message);
    this.name = name;
    this.place = place;
  }
}

/** Replies to what the policy asks while it makes up its answer. */
export type Reply = (part: string, member: string, args: readonly unknown[]) => unknown;

/**
 * A Python process that runs one policy, with a line of JSON per message over two named pipes. Node
 * reads and writes them synchronously, because the engine waits for each answer. The names of the
 * pipes are removed at once, and the process ends when its pipe does, so nothing is left behind.
 */
export class PythonProcess {
  readonly #path: string;
  readonly #child: ChildProcess;
  readonly #toPython: number;
  readonly #fromPython: number;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #isOpen = true;

  /** Errors: MachineError if there is no python3. */
  constructor(path: string) {
    this.#path = path;
    const [input, toPython] = makePipe();
    const [fromPython, output] = makePipe();
    this.#toPython = toPython;
    this.#fromPython = fromPython;
    this.#child = spawn("python3", ["-B", HOST, path, "3", "4", String(LIMIT_S)], {
      stdio: ["ignore", "inherit", "inherit", input, output],
      env: { ...process.env, PYTHONHASHSEED: "0" },
    });
    this.#child.on("error", () => {}); // reported below
    this.#child.unref();
    closeSync(input);
    closeSync(output);
    if (this.#child.pid !== undefined) return;
    this.end();
    throw new MachineError(`${path}: a policy in Python needs python3: apt-get install python3`);
  }

  send(message: unknown): void {
    try {
      writeSync(this.#toPython, `${encodeJson(message)}\n`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
      throw this.#ended();
    }
  }

  /** The next message of the policy; `reply` answers what it asks before. Errors: PythonError. */
  receive(reply: Reply): readonly unknown[] {
    for (;;) {
      const message = decodeJson(this.#readLine()) as readonly unknown[];
      if (message[0] === "error") {
        const [, name, text, place] = message as readonly string[];
        throw new PythonError(name, text, place);
      }
      if (message[0] !== "view") return message;
      const [, part, member, args] = message as [string, string, string, readonly unknown[]];
      this.send(reply(part, member, args));
    }
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#toPython);
    closeSync(this.#fromPython);
    this.#child.kill("SIGKILL");
  }

  /** Messages alternate, so a line is complete when the bytes that were read end with its end. */
  #readLine(): string {
    let text = "";
    for (;;) {
      const count = readSync(this.#fromPython, this.#chunk, 0, CHUNK_BYTES, null);
      if (count === 0) throw this.#ended();
      const isComplete = this.#chunk[count - 1] === LINE_END;
      text += this.#chunk.toString("utf8", 0, count);
      if (isComplete) return text;
    }
  }

  #ended(): PythonError {
    return new PythonError(
      "PythonEnded",
      "the Python process ended without an answer: it was killed, it called exit, or C code took longer than the limit",
      this.#path,
    );
  }
}

/**
 * A pipe that is read and written without an event loop. Opening it for both directions first keeps
 * the other two calls from waiting for each other.
 */
function makePipe(): readonly [read: number, write: number] {
  const folder = mkdtempSync(join(tmpdir(), "socklab-python-"));
  try {
    const name = join(folder, "pipe");
    execFileSync("mkfifo", [name], { stdio: "ignore" });
    const both = openSync(name, "r+");
    const ends = [openSync(name, "r"), openSync(name, "w")] as const;
    closeSync(both);
    return ends;
  } catch (error) {
    throw new MachineError(
      `${folder}: a policy in Python needs named pipes, which could not be made (${(error as Error).message.split("\n", 1)[0]})`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
