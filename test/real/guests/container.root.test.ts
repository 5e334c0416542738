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

async function next({ backend }: Stand): Promise<Stand["backend"]["completion"]> {
  while ((await backend.advance(Number.POSITIVE_INFINITY)) !== "completion");
  return backend.completion;
}

/** Containers' cgroups of this process, in one hierarchy. */
function cgroupsNow(): number {
  const hierarchy = cgroupMountPoints().find((path) =>
    readdirSync(path).some((name) => name.startsWith(`socklab-${process.pid}-`)),
  )!;
  const parent = readdirSync(hierarchy).find((name) => name.startsWith(`socklab-${process.pid}-`))!;
  return readdirSync(join(hierarchy, parent)).filter((name) => name.startsWith("c-")).length;
}

describeReal("a container", () => {
  test("lives the same on classic mounts, forked and fresh, and takes them down", async () => {
    const made = stand(["def f(event): return 1"], [], { roots: "bound", readySlots: 1 });
    open = made;
    expect(made.backend.warnings.map((each) => each.code)).toContain("bound-roots");
    made.backend.createZygote(0, NONE, NOTHING);
    expect([(await next(made)).status, ...made.problems]).toEqual(["ok"]);
    for (const parent of [0, NONE]) {
      made.backend.createContainer(0, 0, parent, NOTHING);
      expect([(await next(made)).status, ...made.problems]).toEqual(["ok"]);
      made.backend.run(0, 0, 0, false);
      expect((await next(made)).status).toBe("ok");
      made.backend.destroyContainer(0);
      await next(made);
    }
    expect(readFileSync("/proc/self/mounts", "utf8")).toContain(made.folder);
  });

  test("reports its unshared memory: what it allocates itself, not what its Zygote imported", async () => {
    const megabytes = 20;
    const made = stand([KEEP], ["kept = bytearray(50 << 20)"]);
    open = made;
    made.events.set(0, { bytes: megabytes << 20 });
    made.backend.install(0);
    await next(made);
    made.backend.createZygote(0, NONE, Int32Array.of(0));
    const zygoteBytes = (await next(made)).measuredBytes;
    expect(zygoteBytes).toBeGreaterThan(50 << 20);
    made.backend.createContainer(0, 0, 0, NOTHING);
    const emptyBytes = (await next(made)).measuredBytes;
    expect(emptyBytes).toBeLessThan(5 << 20);
    made.backend.run(0, 0, 0, false);
    const grownBytes = (await next(made)).measuredBytes;
    expect(grownBytes - emptyBytes).toBeGreaterThanOrEqual((megabytes - 1) << 20);
  });

  test("is charged for its own life, not for those before it in the same cgroup", async () => {
    const megabytes = 20;
    const made = stand([KEEP], [], { readySlots: 0 });
    open = made;
    made.backend.createZygote(0, NONE, NOTHING);
    await next(made);
    for (let life = 0; life < 4; life++) {
      made.events.set(life, { bytes: megabytes << 20 });
      made.backend.createContainer(0, 0, 0, NOTHING);
      await next(made);
      made.backend.run(0, life, 0, false);
      const { measuredBytes } = await next(made);
      expect(measuredBytes).toBeGreaterThanOrEqual((megabytes - 1) << 20);
      expect(measuredBytes).toBeLessThan((megabytes + 5) << 20);
      made.backend.destroyContainer(0);
      await next(made);
    }
  });

  test("does not run while it is paused", async () => {
    const count =
      "import threading, time\nn = 0\ndef g():\n  global n\n  while True:\n    n += 1; time.sleep(0.001)\n";
    const handler = `${count}threading.Thread(target=g, daemon=True).start()\ndef f(event): return n\n`;
    const made = stand([handler]);
    open = made;
    const { backend } = made;
    backend.createContainer(0, 0, NONE, NOTHING);
    await next(made);
    backend.run(0, 0, 0, false);
    await next(made);
    backend.pause(0);
    await next(made);
    await backend.advance(backend.nowUs + 300_000);
    backend.run(0, 1, 0, true);
    expect((await next(made)).phaseUs.reduce((sum, us) => sum + us, 0)).toBeGreaterThan(0);
    const [before, after] = [0, 1].map((invocation) => made.ran.get(invocation)!.answer as number);
    // A thread that ran on would have counted about 300.
    expect(after - before).toBeLessThan(100);
  });

  test("paused, it can still be destroyed", async () => {
    const made = stand(["def f(event): return 1"]);
    open = made;
    made.backend.createContainer(0, 0, NONE, NOTHING);
    await next(made);
    made.backend.pause(0);
    await next(made);
    made.backend.destroyContainer(0);
    expect((await next(made)).status).toBe("ok");
  });

  test("made on demand, it leaves no cgroup; of ready slots the next takes the last one's", async () => {
    for (const [readySlots, left] of [
      [0, 0],
      [2, 2],
    ] as const) {
      const made = stand(["def f(event): return 1"], [], { readySlots });
      open = made;
      for (let life = 0; life < 3; life++) {
        made.backend.createContainer(0, 0, NONE, NOTHING);
        await next(made);
        expect(cgroupsNow()).toBeGreaterThan(0);
        made.backend.destroyContainer(0);
        await next(made);
        await made.backend.advance(made.backend.nowUs + 20_000); // slots are refilled between
      }
      // one being used and two ready at most, since a slot that is given back is one of the two
      expect(cgroupsNow()).toBeLessThanOrEqual(left === 0 ? 0 : left + 1);
      expect(cgroupsNow()).toBeGreaterThanOrEqual(left);
      await made.close();
      open = undefined;
    }
  });

  test("its process is gone, its slot free, after each of many lives", async () => {
    const made = stand(["def f(event): return 1"], [], { readySlots: 2 });
    open = made;
    made.backend.createZygote(0, NONE, NOTHING);
    await next(made);
    const openFiles = () => readdirSync("/proc/self/fd").length;
    let before = 0;
    for (let life = 0; life < 60; life++) {
      made.backend.createContainer(0, 0, 0, NOTHING);
      await next(made);
      made.backend.destroyContainer(0);
      await next(made);
      if (life === 20) before = openFiles();
    }
    await made.backend.advance(made.backend.nowUs + 50_000);
    expect(openFiles()).toBeLessThanOrEqual(before + 2);
  });

  testWithParts(
    ["huge pages"],
    "forked often, a Zygote's own 32 MiB lie in huge pages, and its children still keep to themselves",
    async () => {
      const ballast = "parts = [bytes([i % 251]) * 65536 for i in range(512)]\n";
      const made = stand(["import p0\ndef f(event): return p0.parts[300][0]"], [ballast]);
      open = made;
      const { backend } = made;
      backend.install(0);
      await next(made);
      backend.createZygote(0, NONE, NOTHING);
      await next(made);
      backend.createZygote(1, 0, Int32Array.of(0));
      await next(made);
      for (let child = 0; child < 12; child++) {
        backend.createContainer(child, 0, 1, NOTHING);
        await next(made);
        backend.run(child, child, 0, false);
        await next(made);
        backend.destroyContainer(child);
        await next(made);
        expect(made.ran.get(child)!.answer).toBe(300 % 251);
      }
      for (let wait = 0; wait < 100 && hugeKiBOf(backend.zygoteOf(1).pid) < 8 * 2048; wait++) {
        await backend.advance(backend.nowUs + 50_000);
      }
      // 16 regions of 2 MiB, of which those at either end may not be whole.
      expect(hugeKiBOf(backend.zygoteOf(1).pid)).toBeGreaterThanOrEqual(8 * 2048);
      expect(hugeKiBOf(backend.zygoteOf(0).pid)).toBe(0);
    },
  );
});

function hugeKiBOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/AnonHugePages:\s+(\d+)/.exec(rollup)![1]);
}
