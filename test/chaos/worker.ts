import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mountPointsBelow } from "../../src/real/host/mount-points.js";
import { stateLayout } from "../../src/real/state/instance.js";
import { isAlive, type ProcessIdentity } from "../../src/real/state/process-identity.js";
import type { WorkerStats } from "../../src/worker/worker.js";
import { SLOWNESS, START_TIMEOUT_MS } from "../slowness.js";
import { cgroupsNamed, processesOf } from "./guest-processes.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const CODE = 'import("./src/cli/main.ts").then((main) => main.start())';
/** Longest wait for the end of a worker after SIGTERM, when it has no requests. */
const STOP_BOUND_MS = 60_000 * SLOWNESS;
const LOOK_MS = 20;
const LAST_LINES = 6;

/** Thrown if a worker fails. The message is the text to print. */
export class WorkerFailure extends Error {}

/** A `socklab worker` in its own process. */
export class Worker {
  readonly port: number;
  readonly instance: string;
  readonly state: string;
  readonly #child: ChildProcess;
  readonly #said: () => string;

  private constructor(child: ChildProcess, said: () => string, state: string) {
    this.#child = child;
    this.#said = said;
    this.state = state;
    this.port = Number(/listening on \S+:(\d+)/.exec(said())![1]);
    this.instance = JSON.parse(readFileSync(join(state, "lock"), "utf8")).instance as string;
  }

  /**
   * Starts a worker, and resolves when it listens. Errors: WorkerFailure if it ends or does not
   * listen in time.
   */
  static async start(state: string, options: readonly string[]): Promise<Worker> {
    const args = ["--import", "tsx", "-e", CODE, "socklab", "worker", "--port", "0"];
    const child = spawn(process.execPath, [...args, "--state", state, ...options], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-KEPT_CHARACTERS);
    });
    const said = () => text;
    const untilMs = performance.now() + START_TIMEOUT_MS;
    while (!text.includes("listening on ")) {
      if (hasEnded(child) || performance.now() > untilMs) {
        const failure = `the worker did not start: ${describeEnd(child, said)}`;
        await killChild(child);
        throw new WorkerFailure(failure);
      }
      await sleep(LOOK_MS);
    }
    return new Worker(child, said, state);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get hasEnded(): boolean {
    return hasEnded(this.#child);
  }

  /** How the worker ended, or that it still runs, with the last lines that it printed. */
  describe(): string {
    return describeEnd(this.#child, this.#said);
  }

  /** Running processes that belong to the worker, without the worker itself. */
  processes(): readonly ProcessIdentity[] {
    return processesOf(this.pid, this.instance);
  }

  async stats(): Promise<WorkerStats> {
    const response = await fetch(`http://127.0.0.1:${this.port}/stats`);
    return (await response.json()) as WorkerStats;
  }

  async kill(): Promise<void> {
    await killChild(this.#child);
  }

  /**
   * Stops the worker by SIGTERM. Returns undefined if it ends in time with exit code 0, otherwise
   * what happened. The worker has ended in any case.
   */
  async stop(): Promise<string | undefined> {
    if (this.hasEnded) return `ended by itself: ${this.describe()}`;
    const ended = endOf(this.#child);
    this.#child.kill("SIGTERM");
    await Promise.race([ended, sleep(STOP_BOUND_MS, undefined, { ref: false })]);
    if (this.hasEnded && this.#child.exitCode === 0) return undefined;
    const what = this.describe();
    await this.kill();
    return `SIGTERM: ${what}`;
  }
}

const KEPT_CHARACTERS = 1 << 16;

/**
 * What an instance has left on the machine, one line each. `processes` are the processes that it
 * had.
 */
export function leftOf(
  { instance, state }: Pick<Worker, "instance" | "state">,
  processes: readonly ProcessIdentity[],
): string[] {
  return [
    ...processes.filter(isAlive).map(({ pid }) => `process ${pid} (${commandOf(pid)})`),
    ...cgroupsNamed(instance).map((path) => `cgroup ${path}`),
    ...mountPointsBelow(stateLayout(state).containers).map((path) => `mount ${path}`),
  ];
}

/** Entries of a state folder that should be empty, or contain only complete packages. */
export function leftIn(state: string): string[] {
  const layout = stateLayout(state);
  const unfinished = [layout.staging, layout.trash].flatMap((path) =>
    entriesOf(path).map((name) => `${path}/${name}`),
  );
  const halves = entriesOf(layout.packages)
    .map((name) => join(layout.packages, name))
    .filter((path) => !["meta.json", "site-packages"].every((each) => existsSync(join(path, each))))
    .map((path) => `incomplete package ${path}`);
  return [...unfinished, ...halves];
}

export function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function endOf(child: ChildProcess): Promise<unknown> {
  return hasEnded(child)
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", resolve));
}

async function killChild(child: ChildProcess): Promise<void> {
  const ended = endOf(child);
  child.kill("SIGKILL");
  await ended;
}

function describeEnd(child: ChildProcess, said: () => string): string {
  const how = hasEnded(child)
    ? `exit code ${child.exitCode ?? child.signalCode}`
    : `process ${child.pid} still lives`;
  const lines = said().trim().split("\n").slice(-LAST_LINES).join(" / ");
  return `${how}; its last lines: ${lines}`;
}

const COMMAND_CHARACTERS = 60;

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .replaceAll(/\s+|\0/g, " ")
      .slice(0, COMMAND_CHARACTERS)
      .trim();
  } catch {
    return "gone";
  }
}
