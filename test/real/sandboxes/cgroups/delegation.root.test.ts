import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { MachineError } from "../../../../src/basics/errors.js";
import {
  canHandDown,
  handDown,
  makeCgroup,
} from "../../../../src/real/sandboxes/cgroups/delegation.js";
import { temporaryFolder } from "../../../cli/run-cli.js";
import { testAsRoot } from "../../needs.js";

/** Mount point of the v2 hierarchy, with or without those of v1. */
const V2 = /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(
  readFileSync("/proc/self/mountinfo", "utf8"),
)?.[1];

/** A v2 cgroup that contains a process, and a controller that nothing else on the machine uses. */
function busyCgroup(): { path: string; controller: string } {
  const wordsOf = (file: string) => readFileSync(join(V2!, file), "utf8").trim().split(" ");
  const controller = ["hugetlb", "misc", "rdma", "io"].find((each) =>
    wordsOf("cgroup.controllers").includes(each),
  )!;
  const wasOn = wordsOf("cgroup.subtree_control").includes(controller);
  const path = join(V2!, `socklab-test-${process.pid}`);
  mkdirSync(path);
  const inside = spawn("sleep", ["60"]);
  writeFileSync(join(path, "cgroup.procs"), String(inside.pid));
  handDown(V2!, [controller]);
  onTestFinished(async () => {
    const ended = new Promise((resolve) => inside.once("exit", resolve));
    inside.kill("SIGKILL");
    await ended;
    rmdirSync(join(path, "init"));
    rmdirSync(path);
    if (!wasOn) writeFileSync(join(V2!, "cgroup.subtree_control"), `-${controller}`);
  });
  return { path, controller };
}

testAsRoot(
  "a cgroup that contains processes hands nothing down until the remedy is followed",
  () => {
    const { path, controller } = busyCgroup();
    const handDownHere = () => handDown(path, [controller]);
    expect(handDownHere).toThrow(MachineError);
    expect(handDownHere).toThrow(`${path}: contains processes`);
    expect(canHandDown(path, [controller])).toBe(false);
    const remedy = messageOf(handDownHere).replace(/^.*handed down: /, "");
    execFileSync("sh", ["-c", remedy]);
    expect(canHandDown(path, [controller])).toBe(true);
    handDownHere();
    expect(readFileSync(join(path, "cgroup.subtree_control"), "utf8")).toBe(`${controller}\n`);
  },
);

testAsRoot("a read-only hierarchy is the machine's fault, not a stack trace", async () => {
  const folder = await temporaryFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "none", folder]);
  onTestFinished(() => {
    execFileSync("umount", [folder]);
  });
  expect(() => makeCgroup(join(folder, "socklab-1"))).toThrow(MachineError);
});

function messageOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
