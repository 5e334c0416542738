import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const FOLDER = new URL("../../scripts/v2-machine/", import.meta.url).pathname;

test("what the guest of npm run test:v2 runs at its start is shell that parses", () => {
  for (const script of ["init", "guest"]) {
    const { status, stderr } = spawnSync("sh", ["-n", FOLDER + script], { encoding: "utf8" });
    expect([script, status, stderr]).toEqual([script, 0, ""]);
  }
});

/** Runs the command on a machine that has no program at all. */
function runBare(...args: readonly string[]) {
  return spawnSync(process.execPath, [`${FOLDER}run.mjs`, ...args], {
    encoding: "utf8",
    env: { PATH: "/nonexistent" },
  });
}

test("if the machine cannot boot a guest, one line says what to install, and the exit code is 3", () => {
  for (const accel of ["tcg", "uml"]) {
    const { status, stderr, stdout } = runBare("--accel", accel);
    expect([status, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/^[^\n]*(apt-get install|it needs Debian|run it as root)[^\n]*\n$/);
  }
});

test("an option that is none has exit code 2", () => {
  for (const wrong of [
    ["--acel", "tcg"],
    ["--accel", "toString"],
    ["--accel", "uml", "--kernel", "linux-image-6.1.0-50-cloud-amd64"],
  ]) {
    const { status, stderr } = runBare(...wrong);
    expect([status, stderr.split("\n").length]).toEqual([2, 2]);
  }
});
