import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { newInstanceId, type StateLayout } from "../../src/real/state/instance.js";
import { startTicksOf } from "../../src/real/state/process-identity.js";

/** Writes the lock of a process that is gone. Resolves with the instance that it names. */
export async function deadOwner(layout: StateLayout): Promise<string> {
  const child = begin("sleep", ["60"]);
  const identity = { pid: child.pid!, startTicks: startTicksOf(child.pid!)! };
  await end(child);
  const instance = newInstanceId(identity);
  mkdirSync(layout.root, { recursive: true });
  const lock = { schema: "socklab.lock/1", instance, ...identity, stateFolder: layout.root };
  writeFileSync(layout.lock, JSON.stringify(lock));
  return instance;
}

/** Begins a process that ends with the test at the latest. */
export function begin(program: string, args: readonly string[], cwd = "/"): ChildProcess {
  const child = spawn(program, args, { cwd, stdio: "ignore" });
  onTestFinished(() => end(child));
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
}
