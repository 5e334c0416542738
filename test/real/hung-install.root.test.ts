import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { INSTALL_UID } from "../../src/real/host/guest-users.js";
import { findPython } from "../../src/real/host/python.js";
import { runProgram } from "../../src/real/host/run-program.js";
import { Spawner } from "../../src/real/host/spawner.js";
import { markerEnvironment } from "../../src/real/packages/evaluate-markers.js";
import { faultOf, installErrorOf } from "../../src/real/packages/install-fault.js";
import { InstallSandbox } from "../../src/real/packages/install-sandbox.js";
import { Installer } from "../../src/real/packages/installer.js";
import { newInstanceId } from "../../src/real/state/instance.js";
import { temporaryFolder } from "../cli/run-cli.js";
import { pidsWhere } from "../worker/guests.js";
import { testWithPip } from "./needs.js";
import { describeReal, leftovers } from "./stand.js";
import { temporaryState } from "./state-folder.js";

const OPTIONS = { cwd: "/", env: { PATH: "/usr/bin:/bin" }, timeoutUs: 300_000 };
const PROJECT = '[build-system]\nrequires = []\nbuild-backend = "spin"\nbackend-path = ["."]\n';

/** The spawners' helpers: children of this process that run the Spawner's own program. */
function helpersNow(): number[] {
  return pidsWhere((pid) => {
    const isOurs = new RegExp(`^PPid:\t${process.pid}$`, "m");
    return (
      isOurs.test(readFileSync(`/proc/${pid}/status`, "utf8")) &&
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("UNBORN, DOOMED")
    );
  });
}

function stopHelper(): void {
  const [helper, ...others] = helpersNow();
  expect(others).toEqual([]);
  process.kill(helper, "SIGSTOP");
}

testWithPip(
  "a stopped helper costs the programs that it runs, when their time is over, and no later one",
  async ({ python }) => {
    const spawner = new Spawner(python);
    onTestFinished(() => spawner.close());
    const begun = spawner.run("/bin/sh", ["-c", "exec sleep 987654"], OPTIONS);
    const sleepers = () =>
      pidsWhere((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8") === "sleep\x00987654\0");
    await expect.poll(sleepers).toHaveLength(1);
    stopHelper();
    const notBegun = spawner.run("/bin/true", [], OPTIONS);
    expect((await Promise.all([begun, notBegun])).map(({ ending }) => ending)).toEqual([
      "timed-out",
      "timed-out",
    ]);
    await expect.poll(sleepers).toEqual([]);
    const { ending, exitCode } = await spawner.run("/bin/true", [], { ...OPTIONS, timeoutUs: 6e7 });
    expect([ending, exitCode]).toEqual(["exited", 0]);
  },
);

testWithPip("the programs of a killed helper are lost, and killed", async ({ python }) => {
  const spawner = new Spawner(python);
  onTestFinished(() => spawner.close());
  const options = { ...OPTIONS, timeoutUs: 60_000_000 };
  const begun = spawner.run("/bin/sh", ["-c", "exec sleep 987655"], options);
  const sleepers = () =>
    pidsWhere((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8") === "sleep\x00987655\0");
  await expect.poll(sleepers).toHaveLength(1);
  process.kill(helpersNow()[0], "SIGKILL");
  expect((await begun).ending).toBe("lost");
  await expect.poll(sleepers).toEqual([]);
  expect((await spawner.run("/bin/true", [], options)).exitCode).toBe(0);
});

testWithPip("a stopped helper can still be closed", async ({ python }) => {
  const spawner = new Spawner(python);
  const running = spawner.run("/bin/sleep", ["60"], { ...OPTIONS, timeoutUs: 60_000_000 });
  await spawner.run("/bin/true", [], { ...OPTIONS, timeoutUs: 60_000_000 });
  stopHelper();
  await spawner.close();
  expect((await running).ending).toBe("lost");
  expect(helpersNow()).toEqual([]);
});

testWithPip(
  "a program that leaves its pipes to a process outside its group ends",
  async ({ python }) => {
    const spawner = new Spawner(python);
    onTestFinished(() => spawner.close());
    const escaped = () =>
      pidsWhere((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8") === "sleep\x00987656\0");
    onTestFinished(() => {
      for (const pid of escaped()) process.kill(pid, "SIGKILL");
    });
    const options = { ...OPTIONS, timeoutUs: 600_000_000 };
    for (const run of [runProgram, spawner.run]) {
      // setsid -f forks, so no process of the killed group has the pipes open
      const { out, ending } = await run(
        "/bin/sh",
        ["-c", "setsid -f sleep 987656; echo said"],
        options,
      );
      expect([ending, out]).toEqual(["exited", "said\n"]);
    }
  },
);

test("a Python that hangs while it evaluates markers ends with the worker: closed", async () => {
  const folder = await temporaryFolder();
  const python = join(folder, "python");
  writeFileSync(python, "#!/bin/sh\nexec sleep 60\n");
  chmodSync(python, 0o755);
  const closing = new AbortController();
  const asked = markerEnvironment(python, undefined, runProgram, closing.signal);
  closing.abort();
  await expect(asked).rejects.toMatchObject({ reason: "closed" });
});

test("the requirement is at fault only if the program ended by itself and said why", () => {
  const pip = { name: "pip", undone: "not installed", timeoutUs: 300_000_000 };
  const end = { ending: "exited", exitCode: 1, out: "", err: "" } as const;
  const reasonOf = (change: object) => faultOf(pip, { ...end, ...change })?.reason;
  const refused = "ERROR: No matching distribution found for gamma==1.0\n";
  expect(reasonOf({ err: refused })).toBe("failed");
  expect(reasonOf({ exitCode: 0 })).toBeUndefined();
  expect(reasonOf({ exitCode: null })).toBe("killed");
  expect(reasonOf({ exitCode: null, err: refused })).toBe("killed");
  expect(reasonOf({ ending: "lost", exitCode: null })).toBe("killed");
  expect(reasonOf({ ending: "stopped", exitCode: null })).toBe("killed");
  expect(reasonOf({ ending: "timed-out", exitCode: null })).toBe("timed-out");
  expect(reasonOf({ ending: "aborted", exitCode: null })).toBe("closed");
  expect(reasonOf({})).toBe("broken");
  // pip 23.0 has 0 of its 5 further attempts left, and then reports the package as if the index
  // lacked it
  const gaveUp = `WARNING: Retrying (Retry(total=0, connect=None)) after connection broken\n${refused}`;
  expect(reasonOf({ err: gaveUp })).toBe("unreachable");
  const full =
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n";
  expect(reasonOf({ err: full })).toBe("no-space");
  const noSpace = Object.assign(new Error("ENOSPC: rename"), { code: "ENOSPC" });
  const denied = Object.assign(new Error("EPERM: chown"), { code: "EPERM" });
  expect(installErrorOf("a==1", noSpace).reason).toBe("no-space");
  expect(installErrorOf("a==1", denied).reason).toBe("broken");
  expect(installErrorOf("a==1", new Error("no\nmetadata"))).toMatchObject({
    reason: "failed",
    message: "a==1: no metadata",
  });
});

describeReal("a build that computes for ever", () => {
  async function spinning(timeoutUs: number) {
    const { folder, layout } = await temporaryState();
    const index = join(folder, "index");
    const top = join(index, "spin-1.0");
    mkdirSync(top, { recursive: true });
    writeFileSync(join(top, "spin.py"), "while True: pass\n");
    writeFileSync(join(top, "pyproject.toml"), PROJECT);
    execFileSync("tar", ["-czf", join(index, "spin-1.0.tar.gz"), "-C", index, "spin-1.0"]);
    mkdirSync(layout.containers, { recursive: true });
    const python = findPython("/usr/bin/python3");
    const tool = { kind: "pip", python: python.program } as const;
    const from = { kind: "folder", path: index } as const;
    const sandbox = new InstallSandbox({
      instance: newInstanceId(),
      layout,
      python,
      tool,
      index: from,
    });
    const installer = await Installer.open({
      layout,
      tool,
      index: from,
      uid: INSTALL_UID,
      run: runProgram,
      sandbox,
      concurrency: 1,
      timeoutUs,
    });
    const close = async () => {
      await installer.close();
      await sandbox.close();
      expect(leftovers(layout.root)).toEqual([]);
    };
    return { installer, close };
  }

  const builds = () =>
    pidsWhere((pid) => {
      const uid = new RegExp(`^Uid:\t${INSTALL_UID}\t`, "m");
      const isOurs = readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(
        `socklab-${process.pid}-`,
      );
      return isOurs && uid.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    });

  testWithPip("is killed when its time is over, with all its processes", async () => {
    const { installer, close } = await spinning(4_000_000);
    await expect(installer.install("spin==1.0")).rejects.toMatchObject({
      reason: "timed-out",
      message: "spin==1.0: not installed after 4 s",
    });
    expect(builds()).toEqual([]);
    await close();
  });

  testWithPip("stopped, it ends before its time; closing ends it, stopped or not", async () => {
    const stopped = await spinning(600_000_000);
    const hung = expect(stopped.installer.install("spin==1.0")).rejects.toMatchObject({
      reason: "killed",
      message: "spin==1.0: not installed: pip was stopped, and was killed",
    });
    await expect.poll(builds, { timeout: 20_000 }).not.toEqual([]);
    // repeat until no further process begins: a process may fork before it is stopped
    await expect
      .poll(
        () => {
          const now = builds();
          for (const pid of now) process.kill(pid, "SIGSTOP");
          return now;
        },
        { timeout: 20_000 },
      )
      .toEqual([]);
    await hung;
    await stopped.close();
    const running = await spinning(600_000_000);
    const closed = expect(running.installer.install("spin==1.0")).rejects.toMatchObject({
      reason: "closed",
    });
    await expect.poll(builds, { timeout: 20_000 }).not.toEqual([]);
    for (const pid of builds()) process.kill(pid, "SIGSTOP");
    await running.close();
    await closed;
  });
});
