import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { forkAnswerMs, whyHung } from "../../../src/real/guests/fork-watch.js";
import { isStopped, lookAt } from "../../../src/real/host/look-at.js";
import { installTimeoutUs, usualMakeTimeoutMs } from "../../../src/real/host/time-limits.js";

const look = (state: string, cpuMs: number) => ({ state, cpuMs });

test("a process that waits for a core is not hung, however long it waits", () => {
  // Runnable all the time, without any CPU time: this happens to a Zygote on a busy machine.
  expect(whyHung(look("R", 40), look("R", 40), 1000)).toBeUndefined();
  // It had a core for a part of the time that a fork may take.
  expect(whyHung(look("R", 40), look("S", 900), 1000)).toBeUndefined();
  // It waits in the kernel, for memory or a lock.
  expect(whyHung(look("D", 40), look("D", 40), 1000)).toBeUndefined();
});

test("a process that is stopped, sleeps, or computes for longer than a fork takes is hung", () => {
  expect(whyHung(look("R", 40), look("T", 40), 1000)).toBe("is stopped");
  expect(whyHung(look("S", 40), look("t", 40), 1000)).toBe("is stopped");
  expect(whyHung(look("S", 40), look("S", 40), 1000)).toBe("sleeps");
  expect(whyHung(look("R", 40), look("R", 1040), 1000)).toBe("computes");
});

test("a fork has at most 1 s, and at most a fifth of the time for a creation", () => {
  expect([60_000, 5_000, 2_000].map(forkAnswerMs)).toEqual([1_000, 1_000, 400]);
});

test("a creation has the time of a run, from 5 s to 60 s; an install has that of five runs, from 60 s to 300 s", () => {
  expect([400, 5_000, 30_000, 3_600_000].map(usualMakeTimeoutMs)).toEqual([
    5_000, 5_000, 30_000, 60_000,
  ]);
  expect([400, 20_000, 60_000, 3_600_000].map(installTimeoutUs)).toEqual([
    60_000_000, 100_000_000, 300_000_000, 300_000_000,
  ]);
});

test("a look at a process shows whether it is stopped, sleeps, computes, or is gone", async () => {
  const begin = (...argv: [string, ...string[]]) => {
    const child = spawn(argv[0], argv.slice(1), { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  };
  const sleeper = begin("sleep", "600");
  await expect.poll(() => lookAt(sleeper.pid!)?.state).toBe("S");
  sleeper.kill("SIGSTOP");
  await expect.poll(() => isStopped(lookAt(sleeper.pid!)!)).toBe(true);
  const spinner = begin("sh", "-c", "while :; do :; done");
  await expect.poll(() => lookAt(spinner.pid!)!.cpuMs, { timeout: 20_000 }).toBeGreaterThan(50);
  const ended = new Promise((resolve) => spinner.once("exit", resolve));
  spinner.kill("SIGKILL");
  await ended;
  expect(lookAt(spinner.pid!)).toBeUndefined();
});
