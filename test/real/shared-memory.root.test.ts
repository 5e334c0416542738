import { existsSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { describeReal, stand } from "./stand.js";

const MIB = 1024 ** 2;
const NOTHING = new Int32Array(0);
const HELD_MIB = 48;
const HOLDS = `kept = bytearray(b"x") * (${HELD_MIB} << 20)\n`;
const HANDLER = "import p0\ndef f(event): return len(p0.kept)\n";
const testWithMemory =
  existsSync("/sys/fs/cgroup/memory") || existsSync("/sys/fs/cgroup/cgroup.controllers")
    ? test
    : test.skip;

describeReal("memory that a Zygote's children share after its end", () => {
  testWithMemory(
    "is not subtracted from a later Zygote, before or after the last child ends",
    async () => {
      const { backend, driver, statusOf, close } = stand([HANDLER], [HOLDS], { readySlots: 1 });
      onTestFinished(close);
      await statusOf(() => backend.install(0));
      const only = Int32Array.of(0);
      const first = await driver.perform(() => backend.createZygote(0, NONE, only));
      expect(first.measuredBytes).toBeGreaterThan(HELD_MIB * MIB);
      // kernel documentation of memory cgroups: a page is charged to its first owner until it is freed
      await statusOf(() => backend.createContainer(0, 0, 0, NOTHING));
      await statusOf(() => backend.destroyZygote(0));
      const ids = [1, 2, 3]; // enough to use the first one's cgroup again, if it were given out
      for (const id of ids) {
        const made = await driver.perform(() => backend.createZygote(id, NONE, only));
        expect(made.measuredBytes).toBeGreaterThan(HELD_MIB * MIB);
      }
      await statusOf(() => backend.destroyContainer(0)); // 48 MiB are free now
      for (const id of ids) {
        const { parentBytes } = await driver.perform(() =>
          backend.createContainer(id, 0, id, NOTHING),
        );
        expect(parentBytes).toBeGreaterThan(HELD_MIB * MIB);
      }
      for (const id of ids) await statusOf(() => backend.destroyContainer(id));
    },
  );
});
