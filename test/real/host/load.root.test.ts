import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadNative } from "../../../src/real/host/native.js";
import { temporaryFolder } from "../../cli/run-cli.js";
import { describeReal } from "../stand.js";

const PLAN = { environment: [], mounts: -1, clients: 1, durationUs: 0, firstNumber: 0 };
const sh = (script: string, ...args: readonly string[]) => ["/bin/sh", "-c", script, ...args];

describeReal("a load of programs", () => {
  test("every client starts at least once, and each start has its own number", async () => {
    const file = join(await temporaryFolder(), "numbers");
    const argv = sh('echo "$0" >> "$1"', "a-{n}", file);
    const load = await loadNative().startLoad({ ...PLAN, argv, clients: 3, firstNumber: 40 });
    expect(load.us).toHaveLength(3);
    expect(readFileSync(file, "utf8").split("\n").sort().join(" ").trim()).toBe("a-40 a-41 a-42");
  });

  test("clients start programs until the time is over, and cut none short: programs of 5 ms for half a second", async () => {
    const argv = sh("sleep 0.005");
    const load = await loadNative().startLoad({ ...PLAN, argv, clients: 2, durationUs: 500_000 });
    expect(load.us.length).toBeGreaterThan(2);
    expect(Math.min(...load.us)).toBeGreaterThan(5_000);
    expect(load.wallUs).toBeGreaterThan(500_000);
  });

  test("a program that fails is reported with its exit code and the last line of its output", async () => {
    const load = loadNative().startLoad({ ...PLAN, argv: sh("echo a >&2; echo b >&2; exit 7") });
    await expect(load).rejects.toThrow(/^\/bin\/sh ended with exit code 7: b$/);
  });

  test("a program that does not exist is refused with the reason", async () => {
    const load = loadNative().startLoad({ ...PLAN, argv: ["no-such-program"] });
    await expect(load).rejects.toThrow(/no-such-program: No such file/);
  });
});
