import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { parseSmapsRollup, readProcessMemory } from "../../src/real/host/process-memory.js";
import { MemoryMeter } from "../../src/real/memory-meter.js";
import { BatchedArrivals } from "../../src/run/batched-arrivals.js";
import { drive } from "../../src/run/loop.js";
import { footprintOf } from "../../src/sim/costs/costs.js";
import {
  type Arrival,
  arrivalsOf,
  MIB,
  MINUTE,
  makeFunction,
  PLAIN_POLICIES,
  Recording,
  SECOND,
  SHIPPED_COSTS,
} from "../engine/harness.js";
import { SLOWNESS } from "../slowness.js";
import { describeReal, stand } from "./stand.js";

const GROWS_BY_40_MIB = `kept = []
def f(event):
    kept.append(bytearray(b"x") * (40 << 20))
`;

const ROLLUP = `00400000-7ffd rollup
Rss:                9000 kB
Pss:                5000 kB
Shared_Clean:       3000 kB
Shared_Dirty:       2000 kB
Private_Clean:      1000 kB
Private_Dirty:      2900 kB
Private_Hugetlb:     100 kB
`;

test("USS is the private memory: 1000 + 2900 + 100 kB of 9000", () => {
  expect(parseSmapsRollup(ROLLUP)).toEqual({
    rssBytes: 9000 * 1024,
    pssBytes: 5000 * 1024,
    ussBytes: 4000 * 1024,
  });
  expect(parseSmapsRollup("")).toBeUndefined();
});

/**
 * Starts a Python that keeps so many MiB of touched memory. Resolves with its process id when it
 * has them.
 */
async function holding(mib: number): Promise<number> {
  const program = `kept = bytearray(b"x") * (${mib} << 20)\nprint("held", flush=True)\ninput()`;
  const child = spawn("python3", ["-c", program], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill();
  });
  await once(child.stdout, "data");
  return child.pid!;
}

describeReal("measured memory", () => {
  test("without a memory controller a process is measured by its USS, from the second question on", async () => {
    const meter = new MemoryMeter(true);
    const guest = { isGone: false, pid: await holding(50), slot: { cgroup: { usedBytes: -1 } } };
    expect(meter.bytesOf(guest)).toBe(-1);
    await meter.refresh(guest);
    const bytes = meter.bytesOf(guest);
    expect(bytes).toBeGreaterThan(50 * MIB);
    expect(bytes).toBeLessThan(80 * MIB);
    expect(meter.bytesOf({ ...guest, isGone: true })).toBe(-1);
    const withController = { isGone: false, pid: guest.pid, slot: { cgroup: { usedBytes: 7 } } };
    expect(new MemoryMeter(false).bytesOf(withController)).toBe(7);
  });

  test("a process that is gone has no memory", async () => {
    const child = spawn("true");
    await once(child, "exit");
    expect(await readProcessMemory(child.pid!)).toBeUndefined();
  });

  test("three containers estimated at 1 byte, grown by 40 MiB each, do not fit in 110 MiB: the oldest goes", async () => {
    const { backend, problems, close } = stand(Array(3).fill(GROWS_BY_40_MIB));
    onTestFinished(close);
    const recording = new Recording();
    const engine = new Engine({
      config: {
        memoryLimitBytes: 110 * MIB,
        diskLimitBytes: Number.POSITIVE_INFINITY,
        cores: 2,
        runsPerCore: Number.POSITIVE_INFINITY,
        creationsPerCore: Number.POSITIVE_INFINITY,
        creationsPerFunction: Number.POSITIVE_INFINITY,
        queueLimit: 8,
        queueTimeoutUs: MINUTE,
        footprint: footprintOf(SHIPPED_COSTS),
      },
      functions: [0, 1, 2].map((app) => makeFunction({ name: `f${app}`, app, memoryBytes: 1 })),
      packages: [],
      policies: PLAIN_POLICIES,
      operations: backend,
      observer: recording,
    });
    const arrivals: Arrival[] = [0, 1, 2].map((id) => [((id * SECOND) / 2) * SLOWNESS, id, 0]);
    engine.start();
    await drive({
      engine,
      backend,
      arrivals: new BatchedArrivals(arrivalsOf(arrivals)),
      endUs: 2 * SECOND * SLOWNESS,
    });
    expect(problems).toEqual([]);
    expect(recording.ended_.map(({ outcome }) => outcome)).toEqual(Array(3).fill("completed"));
    expect(recording.leftTier).toEqual([{ tier: "handler", evicted: true }]);
    const { containers, memory } = engine.view;
    expect([0, 1, 2].map((id) => containers.isIdle(id))).toEqual([false, true, true]);
    // Two of 40 MiB, each with less than 15 for interpreter and handler.
    expect(memory.handlerBytes).toBeGreaterThan(2 * 40 * MIB);
    expect(memory.handlerBytes).toBeLessThan(2 * 55 * MIB);
    expect(memory.usedBytes).toBe(memory.handlerBytes);
  });
});
