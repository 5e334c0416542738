import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import type { Completion } from "../../src/contract/backend.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { Policies } from "../../src/contract/policy.js";
import {
  type Arrival,
  MIB,
  MINUTE,
  makeFunction,
  makePackage,
  measuring,
  SECOND,
  type Story,
  type Told,
  tell,
} from "./harness.js";

/** Tells a story in which `bytesOf` gives the measured bytes of each completion. */
function tellMeasured(story: Story, bytesOf: (completion: Completion) => number): Promise<Told> {
  return tell({ ...story, wrap: (backend) => measuring(backend, bytesOf) });
}

/** Measures each container at the end of its runs. */
function afterRuns(bytesOf: (container: number, run: number) => number) {
  const runs = new Map<number, number>();
  return ({ operation, id }: Completion) => {
    if (operation !== "run") return -1;
    const run = runs.get(id) ?? 0;
    runs.set(id, run + 1);
    return bytesOf(id, run);
  };
}

describe("a container measured", () => {
  // One container of 100 MiB on a machine of 150.
  const story: Story = {
    functions: [makeFunction()],
    arrivals: [[0, 0, 0]],
    config: { memoryLimitBytes: 150 * MIB },
  };

  test("below its estimate of 100 MiB is charged 60 as soon as it is made", async () => {
    const told = await tellMeasured(story, ({ operation }) =>
      operation === "create-container" ? 60 * MIB : -1,
    );
    expect(told.engine.view.memory.handlerBytes).toBe(60 * MIB);
    expect(told.engine.memoryTotals().peakBytes).toBe(100 * MIB);
  });

  test("several times is charged the latest value, not the first or the largest: 60 MiB, then 140, then 80", async () => {
    const arrivals: Arrival[] = [0, 1, 2].map((second) => [second * SECOND, 0, 0]);
    const sizes = [60, 140, 80];
    const told = await tellMeasured(
      { ...story, arrivals },
      afterRuns((_, run) => sizes[run] * MIB),
    );
    expect(told.engine.view.memory.handlerBytes).toBe(80 * MIB);
    expect(told.engine.memoryTotals().peakBytes).toBe(140 * MIB);
    expect(told.recording.warnings).toEqual([]);
  });

  test("less than 256 KiB off its charge, as idle processes are, keeps that charge", async () => {
    const near = await tellMeasured(story, () => 100 * MIB + 256 * 1024 - 1);
    expect(near.engine.view.memory.handlerBytes).toBe(100 * MIB);
    const far = await tellMeasured(story, () => 100 * MIB + 256 * 1024);
    expect(far.engine.view.memory.handlerBytes).toBe(100 * MIB + 256 * 1024);
  });

  test("at 160 MiB does not fit: 150 are charged, with a warning, and the idle container still serves", async () => {
    const told = await tellMeasured(
      {
        ...story,
        arrivals: [
          [0, 0, 0],
          [SECOND, 0, 0],
        ],
      },
      () => 160 * MIB,
    );
    expect(told.engine.view.memory.handlerBytes).toBe(150 * MIB);
    expect(told.engine.view.memory.freeBytes).toBe(-10 * MIB);
    expect(told.recording.warnings).toContain("over-limit");
    expect(told.recording.ended_.map((each) => each.start)).toEqual(["cold", "warm"]);
  });

  test("at the end of a failed run keeps its charge until it is destroyed", async () => {
    const told = await tell({
      ...story,
      drain: true,
      wrap: (backend) =>
        measuring(backend, (completion) => {
          completion.status = completion.operation === "run" ? "failed" : "ok";
          return completion.operation === "run" ? 5 * MIB : -1;
        }),
    });
    expect(told.recording.ended_[0].outcome).toBe("failed");
    expect(told.leftBytes).toBe(0);
  });
});

describe("growth makes room", () => {
  // Two functions of 100 MiB on a machine of 250: f0's container idles while f1's runs for 1 s.
  const story: Story = {
    functions: [makeFunction(), makeFunction({ name: "g", app: 1 })],
    arrivals: [
      [0, 0, 0],
      [SECOND, 1, SECOND],
    ],
    config: { memoryLimitBytes: 250 * MIB },
    endUs: 3 * SECOND,
  };

  test("a container that grew by 80 MiB when 50 are free evicts the idle one, and is charged when that is gone", async () => {
    const told = await tellMeasured(
      story,
      afterRuns((container) => (container === 1 ? 180 : 100) * MIB),
    );
    expect(told.recording.leftTier).toEqual([{ tier: "handler", evicted: true }]);
    expect(told.engine.view.memory.handlerBytes).toBe(180 * MIB);
    expect(told.engine.view.memory.freeBytes).toBe(70 * MIB);
    expect(told.recording.warnings).toEqual([]);
  });

  test("memory that is owed to it is not given to a start that came meanwhile", async () => {
    // f1's container ends at 2 s with 180 MiB. f0, whose container is evicted for it, is invoked at
    // that moment: 250 - 180 = 70 MiB are too few for its 100, until f1's container is evicted too.
    const told = await tellMeasured(
      { ...story, arrivals: [...story.arrivals, [2 * SECOND, 0, 0]] },
      afterRuns((container, run) => (container === 1 && run === 0 ? 180 : 100) * MIB),
    );
    expect(told.recording.leftTier).toEqual([
      { tier: "handler", evicted: true },
      { tier: "handler", evicted: true },
    ]);
    expect(told.recording.ended_.map((each) => each.outcome)).toEqual(Array(3).fill("completed"));
    expect(told.engine.memoryTotals().peakBytes).toBeLessThanOrEqual(250 * MIB);
  });
});

/** Makes a Zygote of package 0 if there is none, and forks all containers from it. */
const ONE_ZYGOTE: Policies["zygote"] = {
  startsWithRoot: false,
  choose: ({ zygotes }) => {
    const ready = zygotes.live[0];
    const create = { parent: NONE, packages: new PackageSet([0]) };
    return ready === undefined ? { forkFrom: NONE, create } : { forkFrom: ready, create: null };
  },
};

test("a Zygote measured at 50 MiB instead of 30 is charged 50, and releases 49 of them only with its last child", async () => {
  const told = await tellMeasured(
    {
      functions: [makeFunction({ closure: [0] })],
      // 20 MiB of imports, and an interpreter of 10. A fork dirties 1.
      packages: [makePackage({ memoryBytes: 20 * MIB })],
      arrivals: [[0, 0, 0]],
      policies: { zygote: ONE_ZYGOTE },
    },
    ({ operation }) => (operation === "create-zygote" ? 50 * MIB : -1),
  );
  const { memory, zygotes } = told.engine.view;
  expect(memory.zygoteBytes).toBe(50 * MIB);
  expect(zygotes.reclaimableBytes(zygotes.live[0])).toBe(1 * MIB);
  // The child still inherits the 30 MiB of the estimate: 100 - 30 + 1.
  expect(memory.handlerBytes).toBe(71 * MIB);
});

test("a Zygote that grew to 60 MiB is charged 60 at the next fork from it", async () => {
  const told = await tell({
    functions: [makeFunction({ closure: [0] })],
    packages: [makePackage({ memoryBytes: 20 * MIB })],
    arrivals: [
      [0, 0, 2 * SECOND],
      [SECOND, 0, 2 * SECOND],
    ],
    policies: { zygote: ONE_ZYGOTE },
    drain: true,
    wrap: (backend) => {
      let forks = 0;
      return measuring(
        backend,
        () => -1,
        ({ operation }) => (operation === "create-container" && ++forks === 2 ? 60 * MIB : -1),
      );
    },
  });
  // 30 MiB from 0 s, 60 from 1 s on; all of it is released.
  expect(told.engine.memoryTotals().tierPeakBytes[2]).toBe(60 * MIB);
  expect(told.leftBytes).toBe(0);
});

test("with room for all, the handler cache is the sum of the last measurements, within 256 KiB per idle container", async () => {
  const arrival = fc.tuple(
    fc.nat({ max: 10 * MINUTE }),
    fc.nat({ max: 3 }),
    fc.nat({ max: SECOND }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(arrival, { minLength: 1, maxLength: 40 }),
      fc.array(fc.nat({ max: 300 * MIB }), { minLength: 1, maxLength: 9 }),
      async (rows, sizes) => {
        const last = new Map<number, number>();
        let measured = 0;
        const told = await tellMeasured(
          {
            functions: [0, 1, 2, 3].map((app) => makeFunction({ name: `f${app}`, app })),
            arrivals: rows.toSorted((a, b) => a[0] - b[0]),
          },
          ({ operation, id }) => {
            if (operation !== "run" && operation !== "create-container") return -1;
            const bytes = sizes[measured++ % sizes.length];
            last.set(id, bytes);
            return bytes;
          },
        );
        const sum = [...last.values()].reduce((total, bytes) => total + bytes, 0);
        const { memory } = told.engine.view;
        expect(memory.runningBytes).toBe(0);
        expect(Math.abs(memory.handlerBytes - sum)).toBeLessThanOrEqual(last.size * 256 * 1024);
      },
    ),
    { numRuns: 100 },
  );
});
