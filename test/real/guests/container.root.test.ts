import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { cgroupMountPoints } from "../../../src/real/host/mount-points.js";
import { testWithParts } from "../machine-parts.js";
import { describeReal, leftovers, type Stand, stand } from "../stand.js";

const NOTHING = new Int32Array(0);
const KEEP =
  "kept = []\ndef f(event):\n  kept.append(bytearray(event['bytes']))\n  return len(kept)\n";

let open: Stand | undefined;

afterEach(async () => {
  const folder = open?.folder;
  await open?.close();
  open = undefined;
  if (folder !== undefined) expect(leftovers(folder)).toEqual([]);
});

/** How many cgroups of containers this process has in one hierarchy. */
function cgroupsNow(): number {
  const hierarchy = cgroupMountPoints().find((path) =>
    readdirSync(path).some((name) => name.startsWith(`socklab-${process.pid}-`)),
  )!;
  const parent = readdirSync(hierarchy).find((name) => name.startsWith(`socklab-${process.pid}-`))!;
  return readdirSync(join(hierarchy, parent)).filter((name) => name.startsWith("c-")).length;
}

describeReal("a container", () => {
  test("works on classic mounts too, forked and fresh, and removes them", async () => {
    const made = stand(["def f(event): return 1"], [], { roots: "bound", readySlots: 1 });
    open = made;
    expect(made.backend.warnings.map((each) => each.code)).toContain("bound-roots");
    const status = await made.statusOf(() => made.backend.createZygote(0, NONE, NOTHING));
    expect([status, ...made.problems]).toEqual(["ok"]);
    for (const parent of [0, NONE]) {
      const status = await made.statusOf(() => made.backend.createContainer(0, 0, parent, NOTHING));
      expect([status, ...made.problems]).toEqual(["ok"]);
      expect(await made.statusOf(() => made.backend.run(0, 0, 0, false))).toBe("ok");
      await made.driver.perform(() => made.backend.destroyContainer(0));
    }
    expect(readFileSync("/proc/self/mounts", "utf8")).toContain(made.folder);
  });

  test("reports its unshared memory: what it allocates itself, not what its Zygote imported", async () => {
    const megabytes = 20;
    const made = stand([KEEP], ["kept = bytearray(50 << 20)"]);
    open = made;
    made.events.set(0, { bytes: megabytes << 20 });
    await made.driver.perform(() => made.backend.install(0));
    const zygote = await made.driver.perform(() =>
      made.backend.createZygote(0, NONE, Int32Array.of(0)),
    );
    expect(zygote.measuredBytes).toBeGreaterThan(50 << 20);
    const empty = await made.driver.perform(() => made.backend.createContainer(0, 0, 0, NOTHING));
    expect(empty.measuredBytes).toBeLessThan(5 << 20);
    const grown = await made.driver.perform(() => made.backend.run(0, 0, 0, false));
    expect(grown.measuredBytes - empty.measuredBytes).toBeGreaterThanOrEqual((megabytes - 1) << 20);
  });

  test("is charged for its own life, not for those before it in the same cgroup", async () => {
    const megabytes = 20;
    const made = stand([KEEP], [], { readySlots: 0 });
    open = made;
    await made.driver.perform(() => made.backend.createZygote(0, NONE, NOTHING));
    for (let life = 0; life < 4; life++) {
      made.events.set(life, { bytes: megabytes << 20 });
      await made.driver.perform(() => made.backend.createContainer(0, 0, 0, NOTHING));
      const { measuredBytes } = await made.driver.perform(() =>
        made.backend.run(0, life, 0, false),
      );
      expect(measuredBytes).toBeGreaterThanOrEqual((megabytes - 1) << 20);
      expect(measuredBytes).toBeLessThan((megabytes + 5) << 20);
      await made.driver.perform(() => made.backend.destroyContainer(0));
    }
  });

  test("does not run while it is paused", async () => {
    const count =
      "import threading, time\nn = 0\ndef g():\n  global n\n  while True:\n    n += 1; time.sleep(0.001)\n";
    const handler = `${count}threading.Thread(target=g, daemon=True).start()\ndef f(event): return n\n`;
    const made = stand([handler]);
    open = made;
    const { backend } = made;
    await made.driver.perform(() => backend.createContainer(0, 0, NONE, NOTHING));
    await made.driver.perform(() => backend.run(0, 0, 0, false));
    await made.driver.perform(() => backend.pause(0));
    await made.driver.waitUntil(backend.nowUs + 300_000);
    const { phaseUs } = await made.driver.perform(() => backend.run(0, 1, 0, true));
    expect(phaseUs.resume).toBeGreaterThan(0);
    const [before, after] = [0, 1].map((invocation) => made.ran.get(invocation)!.answer as number);
    // A thread that kept running would have counted about 300.
    expect(after - before).toBeLessThan(100);
  });

  test("paused, it can still be destroyed", async () => {
    const made = stand(["def f(event): return 1"]);
    open = made;
    await made.driver.perform(() => made.backend.createContainer(0, 0, NONE, NOTHING));
    await made.driver.perform(() => made.backend.pause(0));
    expect(await made.statusOf(() => made.backend.destroyContainer(0))).toBe("ok");
  });

  test("made on demand, it leaves no cgroup; with ready slots, containers use the same cgroups again", async () => {
    for (const [readySlots, left] of [
      [0, 0],
      [2, 2],
    ] as const) {
      const made = stand(["def f(event): return 1"], [], { readySlots });
      open = made;
      for (let life = 0; life < 3; life++) {
        await made.driver.perform(() => made.backend.createContainer(0, 0, NONE, NOTHING));
        expect(cgroupsNow()).toBeGreaterThan(0);
        await made.driver.perform(() => made.backend.destroyContainer(0));
        await made.driver.waitUntil(made.backend.nowUs + 20_000); // slots are refilled meanwhile
      }
      // at most one in use and two ready, since a slot that is given back becomes one of the two
      expect(cgroupsNow()).toBeLessThanOrEqual(left === 0 ? 0 : left + 1);
      expect(cgroupsNow()).toBeGreaterThanOrEqual(left);
      await made.close();
      open = undefined;
    }
  });

  test("after each of many lives its process is gone and its slot is free", async () => {
    const made = stand(["def f(event): return 1"], [], { readySlots: 2 });
    open = made;
    await made.driver.perform(() => made.backend.createZygote(0, NONE, NOTHING));
    const openFiles = () => readdirSync("/proc/self/fd").length;
    let before = 0;
    for (let life = 0; life < 60; life++) {
      await made.driver.perform(() => made.backend.createContainer(0, 0, 0, NOTHING));
      await made.driver.perform(() => made.backend.destroyContainer(0));
      if (life === 20) before = openFiles();
    }
    await made.driver.waitUntil(made.backend.nowUs + 50_000);
    expect(openFiles()).toBeLessThanOrEqual(before + 2);
  });

  testWithParts(
    ["huge pages"],
    "after many forks a Zygote's own 32 MiB are in huge pages, and its children still read their own data",
    async () => {
      const ballast = "parts = [bytes([i % 251]) * 65536 for i in range(512)]\n";
      const made = stand(["import p0\ndef f(event): return p0.parts[300][0]"], [ballast]);
      open = made;
      const { backend } = made;
      await made.driver.perform(() => backend.install(0));
      await made.driver.perform(() => backend.createZygote(0, NONE, NOTHING));
      await made.driver.perform(() => backend.createZygote(1, 0, Int32Array.of(0)));
      for (let child = 0; child < 12; child++) {
        await made.driver.perform(() => backend.createContainer(child, 0, 1, NOTHING));
        await made.driver.perform(() => backend.run(child, child, 0, false));
        await made.driver.perform(() => backend.destroyContainer(child));
        expect(made.ran.get(child)!.answer).toBe(300 % 251);
      }
      for (let wait = 0; wait < 100 && hugeKiBOf(backend.zygoteOf(1).pid) < 8 * 2048; wait++) {
        await made.driver.waitUntil(backend.nowUs + 50_000);
      }
      // 16 regions of 2 MiB; those at both ends may not be whole.
      expect(hugeKiBOf(backend.zygoteOf(1).pid)).toBeGreaterThanOrEqual(8 * 2048);
      expect(hugeKiBOf(backend.zygoteOf(0).pid)).toBe(0);
    },
  );
});

function hugeKiBOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/AnonHugePages:\s+(\d+)/.exec(rollup)![1]);
}
