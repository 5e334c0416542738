import { describe, expect, test } from "vitest";
import { makeBuiltIn } from "../cross/replay-engine.js";
import {
  type Arrival,
  MINUTE,
  makeFunction,
  makePackage,
  ROUND_COSTS,
  SECOND,
  type Story,
  type Told,
  tell,
} from "./harness.js";

const MS = 1000;

/** Function i imports package i, which takes one core for `createUs[i]`, and no memory. */
function world(createUs: readonly number[]): Pick<Story, "functions" | "packages" | "costs"> {
  const { importScale } = ROUND_COSTS.costs;
  return {
    functions: createUs.map((_, id) => makeFunction({ closure: [id] })),
    packages: createUs.map((importUs) => makePackage({ importUs, memoryBytes: 0 })),
    costs: {
      ...ROUND_COSTS,
      costs: { ...ROUND_COSTS.costs, importScale: { ...importScale, value: 1 } },
    },
  };
}

const made = ({ journal }: Told) =>
  journal.filter((line) => line.startsWith("  > create-container")).length;
const waits = ({ recording }: Told) =>
  recording.ended_.map(({ start, queueUs, provisionUs }) => [start, queueUs, provisionUs]);

describe("late binding", () => {
  test("an invocation takes the container that is free first, and the one made for it serves the next invocation or falls idle", async () => {
    // c0 is made from 0 to 1 s and runs invocation 0 until 3 s. Invocation 1 arrives at 2.5 s, so c1
    // is made until 3.5 s; but c0 is free at 3 s. Invocation 2 arrives at 3.2 s, when c0 is busy and
    // c1 is being made for nobody: it waits for c1, and no third container is made.
    const told = await tell({
      ...world([SECOND]),
      arrivals: [
        [0, 0, 2 * SECOND],
        [2.5 * SECOND, 0, SECOND],
        [3.2 * SECOND, 0, SECOND],
        [6 * SECOND, 0, SECOND],
      ],
    });
    expect(waits(told)).toEqual([
      ["cold", 0, SECOND],
      ["delayed-warm", 0.5 * SECOND, 0],
      ["delayed-warm", 0.3 * SECOND, 0],
      ["warm", 0, 0],
    ]);
    expect(made(told)).toBe(2);
    expect(told.engine.view.containers.idleCountOf(0)).toBe(2);
  });

  test("a container made for an invocation that others have served falls idle", async () => {
    const told = await tell({
      ...world([SECOND]),
      arrivals: [
        [0, 0, 2 * SECOND],
        [2.5 * SECOND, 0, 100 * MS],
      ],
      endUs: 10 * SECOND,
    });
    expect(waits(told)[1]).toEqual(["delayed-warm", 0.5 * SECOND, 0]);
    expect(told.engine.view.containers.idleCountOf(0)).toBe(2);
  });

  test("an invocation that waits for a Zygote takes a container that is free before the Zygote is ready", async () => {
    const told = await tell({
      ...world([SECOND]),
      // c0 starts cold; for the second container, a Zygote with the package is made first.
      policies: {
        zygote: {
          startsWithRoot: false,
          choose: ({ zygotes, nowUs, functions }) => {
            if (nowUs === 0) return { forkFrom: -1, create: null };
            if (zygotes.live.length > 0) return { forkFrom: zygotes.live[0], create: null };
            const packages = functions[0].closure;
            return { forkFrom: -1, create: { parent: -1, packages } };
          },
        },
      },
      arrivals: [
        [0, 0, 2 * SECOND],
        [2.5 * SECOND, 0, SECOND],
      ],
      endUs: 10 * SECOND,
    });
    expect(waits(told)[1]).toEqual(["delayed-warm", 0.5 * SECOND, 0]);
    expect(made(told)).toBe(1);
    expect(told.engine.view.memory.freeBytes).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("creations at once", () => {
  test("one core and two creations at once: of four functions that arrive at once, two are created by 2 s, and the others queue for 2 s", async () => {
    // Two creations of 1 s share one core, so they take 2 s each.
    const told = await tell({
      ...world([SECOND, SECOND, SECOND, SECOND]),
      arrivals: [0, 1, 2, 3].map((id): Arrival => [0, id, 0]),
      config: { cores: 1, creationsPerCore: 2 },
    });
    expect(waits(told)).toEqual([
      ["cold", 0, 2 * SECOND],
      ["cold", 0, 2 * SECOND],
      ["cold", 2 * SECOND, 2 * SECOND],
      ["cold", 2 * SECOND, 2 * SECOND],
    ]);
  });

  test("a function has two creations at once, whose containers serve all; others do not wait behind it", async () => {
    // Ten arrivals of f at once, created in 1 s, run 100 ms. c0 and c1 are ready at 1 s and serve two
    // more of f each 100 ms; the two creations begun at 1 s end at 2 s and serve nobody.
    const told = await tell({
      ...world([SECOND, SECOND]),
      arrivals: [
        ...Array.from({ length: 10 }, (): Arrival => [0, 0, 100 * MS]),
        [100 * MS, 1, 100 * MS] as const,
      ],
      config: { cores: 100, creationsPerFunction: 2 },
      endUs: 10 * SECOND,
    });
    const ofF = told.recording.ended_.filter(({ functionId }) => functionId === 0);
    expect(ofF.map(({ start }) => start)).toEqual([
      ...Array(2).fill("cold"),
      ...Array(8).fill("delayed-warm"),
    ]);
    expect(ofF.map(({ queueUs, provisionUs }) => (queueUs + provisionUs) / MS)).toEqual([
      1000, 1000, 1100, 1100, 1200, 1200, 1300, 1300, 1400, 1400,
    ]);
    const other = told.recording.ended_.find(({ functionId }) => functionId === 1);
    expect([other?.queueUs, other?.provisionUs]).toEqual([0, SECOND]);
    expect(made(told)).toBe(4 + 1);
  });

  test("the wait of a container for its place among the creations is queue time, and not provisioning", async () => {
    // Both functions lack one package each, which takes 1 s to install. f and g are installed at 1 s,
    // one creation at a time of 1 s each: g is created from 2 to 3 s.
    const { installFixed } = ROUND_COSTS.costs;
    const { costs = ROUND_COSTS, ...rest } = world([SECOND, SECOND]);
    const told = await tell({
      ...rest,
      costs: {
        ...costs,
        costs: { ...costs.costs, installFixed: { ...installFixed, value: SECOND } },
      },
      policies: {
        install: {
          preinstalled: () => [],
          budgetBytes: () => Number.POSITIVE_INFINITY,
          victim: () => -1,
          keepUnused: () => true,
        },
      },
      arrivals: [
        [0, 0, 0],
        [0, 1, 0],
      ],
      config: { cores: 4, creationsPerCore: 0.25 },
    });
    expect(waits(told)).toEqual([
      ["cold", 0, 2 * SECOND],
      ["cold", SECOND, 2 * SECOND],
    ]);
  });

  test("20 arrivals per second that run for 1 s need 20 containers, and one core that can create 10 per second makes at most twice as many", async () => {
    // A creation takes 0.1 s of the core, a run 2 % of it. In the first two seconds 40 invocations
    // arrive, and at most 20 containers are made. Fewer than 40 at once lack a container after that,
    // because from then on at least as many are served as arrive.
    const { costs = ROUND_COSTS, ...rest } = world([100 * MS]);
    const { runCpuDemand } = costs.costs;
    const told = await tell({
      ...rest,
      costs: {
        ...costs,
        costs: { ...costs.costs, runCpuDemand: { ...runCpuDemand, value: 0.02 } },
      },
      arrivals: Array.from({ length: 1200 }, (_, at): Arrival => [at * 50 * MS, 0, SECOND]),
      config: { cores: 1, creationsPerCore: 2, creationsPerFunction: 4 },
    });
    expect(made(told)).toBeGreaterThanOrEqual(20);
    expect(made(told)).toBeLessThanOrEqual(40);
    expect(told.recording.ended_.every(({ outcome }) => outcome === "completed")).toBe(true);
  });
});

describe("delayed-warm", () => {
  const waiting = (story: Pick<Story, "arrivals" | "config" | "policies">) => {
    const parts = world([500 * MS]);
    const dispatch = makeBuiltIn("dispatch", "delayed-warm", parts.functions, 1e12);
    return tell({ ...parts, ...story, policies: { ...story.policies, dispatch } });
  };

  test("an invocation that waits for a run of 120 s begins a start after 500 ms, as long as a start takes, and runs after 1 s", async () => {
    // Twenty runs of 10 ms teach the policy a mean of 10 ms; the next run takes 120 s.
    const told = await waiting({
      arrivals: [
        ...Array.from({ length: 20 }, (_, at): Arrival => [at * SECOND, 0, 10 * MS]),
        [20 * SECOND, 0, 120 * SECOND],
        [21 * SECOND, 0, 10 * MS],
      ],
    });
    const late = told.recording.ended_.find(({ arrivedAtUs }) => arrivedAtUs === 21 * SECOND);
    expect(late).toMatchObject({ outcome: "completed", start: "cold" });
    expect([late?.queueUs, late?.provisionUs]).toEqual([500 * MS, 500 * MS]);
  });

  test("of 30 arrivals at once with one idle container, none waits longer than a start takes", async () => {
    const told = await waiting({
      arrivals: [
        ...Array.from({ length: 2 }, (_, at): Arrival => [at * SECOND, 0, 10 * MS]),
        ...Array.from({ length: 30 }, (): Arrival => [MINUTE, 0, 10 * MS]),
      ],
      config: { cores: 100 },
    });
    const burst = told.recording.ended_.filter(({ arrivedAtUs }) => arrivedAtUs === MINUTE);
    const startupUs = burst.map(({ queueUs, provisionUs }) => queueUs + provisionUs);
    expect(burst.length).toBe(30);
    expect(Math.max(...startupUs)).toBeLessThanOrEqual(500 * MS);
  });

  test("of 30 arrivals at once that find no container, each begins a start of 500 ms and none waits for another's", async () => {
    // Containers go after each run. The first of the burst begins a start; for the others its
    // container is free after 500 ms and a run of 10 ms or more, which is later than their own.
    const told = await waiting({
      arrivals: [
        ...Array.from({ length: 2 }, (_, at): Arrival => [at * SECOND, 0, 10 * MS]),
        ...Array.from({ length: 30 }, (): Arrival => [MINUTE, 0, 10 * MS]),
      ],
      config: { cores: 100 },
      policies: {
        "keep-alive": {
          decide(_view, _container, decision) {
            decision.keepUs = 0;
          },
        },
      },
    });
    expect(waits(told)).toEqual(Array(32).fill(["cold", 0, 500 * MS]));
  });
});
