import { existsSync, readFileSync } from "node:fs";
import { expect, onTestFinished } from "vitest";
import { INSTALL_UID } from "../../../src/real/host/guest-users.js";
import { runProgram } from "../../../src/real/host/run-program.js";
import { Spawner } from "../../../src/real/host/spawner.js";
import { isRoot, testWithPip } from "../needs.js";

const OPTIONS = { cwd: "/", env: { PATH: "/usr/bin:/bin" }, timeoutUs: 30_000_000 };

function begin(python: string): Spawner {
  const spawner = new Spawner(python);
  onTestFinished(() => spawner.close());
  return spawner;
}

function isGone(pid: string): boolean {
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || / Z /.test(readFileSync(stat, "utf8"));
}

testWithPip(
  "a program ends in the same way with runProgram and with a Spawner",
  async ({ python }) => {
    const spawner = begin(python);
    const script = 'cat; echo "err $X" >&2; exit 3';
    const options = { ...OPTIONS, env: { X: "1", PATH: "/usr/bin:/bin" }, input: "told" };
    const expected = { ending: "exited", exitCode: 3, out: "told", err: "err 1\n" };
    for (const run of [runProgram, spawner.run]) {
      expect(await run("/bin/sh", ["-c", script], options)).toEqual(expected);
    }
  },
);

testWithPip(
  "when its time is over, a program is killed with all its processes",
  async ({ python }) => {
    for (const run of [runProgram, begin(python).run]) {
      const limited = { ...OPTIONS, timeoutUs: 300_000 };
      const end = await run("/bin/sh", ["-c", "sleep 60 & echo $$ $!; wait"], limited);
      expect(end).toMatchObject({ ending: "timed-out", exitCode: null });
      for (const pid of end.out.trim().split(" ")) await expect.poll(() => isGone(pid)).toBe(true);
    }
  },
);

testWithPip(
  "a process that a program leaves behind is killed at the program's end",
  async ({ python }) => {
    for (const run of [runProgram, begin(python).run]) {
      const { exitCode, out } = await run("/bin/sh", ["-c", "sleep 60 & echo $!"], OPTIONS);
      expect(exitCode).toBe(0);
      await expect.poll(() => isGone(out.trim())).toBe(true);
    }
  },
);

testWithPip("an aborted run ends; one that cannot begin is an error", async ({ python }) => {
  for (const run of [runProgram, begin(python).run]) {
    const controller = new AbortController();
    const running = run("/bin/sleep", ["60"], { ...OPTIONS, signal: controller.signal });
    controller.abort();
    expect((await running).ending).toBe("aborted");
    await expect(run("/nonexistent", [], OPTIONS)).rejects.toThrow(/nonexistent/);
  }
});

testWithPip("closing kills what runs", async ({ python }) => {
  const spawner = begin(python);
  const running = spawner.run("/bin/sleep", ["60"], OPTIONS);
  await spawner.run("/bin/true", [], OPTIONS);
  await spawner.close();
  expect(await running).toMatchObject({ ending: "exited", exitCode: null });
});

testWithPip(
  "a program runs as the given user, without any of the caller's groups",
  async ({ python }) => {
    const uid = isRoot ? INSTALL_UID : undefined;
    const { out } = await begin(python).run("/usr/bin/id", [], { ...OPTIONS, uid });
    if (isRoot)
      expect(out).toMatch(
        new RegExp(`^uid=${INSTALL_UID}\\S* gid=${INSTALL_UID}\\S* groups=${INSTALL_UID}\\S*\\n$`),
      );
  },
);
