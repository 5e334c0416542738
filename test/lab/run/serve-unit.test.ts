import { expect, test } from "vitest";
import type { Workload } from "../../../src/contract/workload.js";
import { simulate } from "../../../src/lab/run/program-run.js";
import { CalledFunctions } from "../../../src/lab/run/serve-unit.js";
import {
  type Arrival,
  arrivalsOf,
  MIB,
  MINUTE,
  makeFunction,
  SECOND,
} from "../../engine/harness.js";

/** Functions of the given applications, each with 100 MiB. */
function workloadOf(apps: readonly number[], arrivals: readonly Arrival[]): Workload {
  return {
    trace: "test",
    functions: apps.map((app, id) => makeFunction({ name: `f${id}`, app })),
    catalogue: { source: "none", packages: [] },
    spanUs: arrivals.at(-1)![0] + MINUTE,
    expectedInvocations: arrivals.length,
    arrivals: () => arrivalsOf(arrivals),
  };
}

const UNLIMITED = { memoryBytes: Number.POSITIVE_INFINITY } as const;
/** Two functions of one application are called in turn, one every 20 minutes. */
const inTurn = workloadOf(
  [0, 0],
  Array.from({ length: 12 }, (_, at): Arrival => [at * 20 * MINUTE, at % 2, 0]),
);

test("containers of an application serve all its functions, and its histogram is that of all their calls", async () => {
  // The application is idle for 20 minutes each time: its container is made again 18 minutes after
  // each call. With containers of functions each of the two is cold once.
  const policy = "hybrid-histogram";
  const of = async (unit: "function" | "application") =>
    (await simulate({ ...UNLIMITED, workload: inTurn, policy, unit })).invocations;
  expect(await of("application")).toMatchObject({ cold: 1, warm: 11 });
  expect(await of("function")).toMatchObject({ cold: 2, warm: 10 });
});

test("a result counts invocations by the functions that were called, and says the unit", async () => {
  const result = await simulate({
    ...UNLIMITED,
    workload: inTurn,
    policy: "keep-all",
    unit: "application",
  });
  expect(result.functions.map(({ name, invocations, cold }) => [name, invocations, cold])).toEqual([
    ["f0", 6, 1],
    ["f1", 6, 0],
  ]);
  expect(result.run.options.unit).toBe("application");
  expect(result.run.command).toContain("--unit application");
});

test("two functions of one application that run at once need two containers of it, and a third finds one of them warm", async () => {
  // Each container has the application's memory: the interpreter once and the handlers of three
  // functions of 100 MiB, that is 300 MiB less two interpreters of about 4 MiB.
  const workload = workloadOf(
    [0, 0, 0],
    [
      [0, 0, 5 * SECOND],
      [0, 1, 5 * SECOND],
      [MINUTE, 2, 0],
    ],
  );
  const result = await simulate({
    ...UNLIMITED,
    workload,
    policy: "keep-all",
    unit: "application",
  });
  expect(result.invocations).toMatchObject({ cold: 2, warm: 1 });
  expect(result.memory.peakBytes / MIB).toBeGreaterThan(2 * 280);
});

test("the called functions of invocations are known until they end, in whatever order they end", () => {
  const called = new CalledFunctions();
  const open = new Map<number, number>();
  for (let n = 0; n < 5000; n++) {
    called.push(n % 7);
    open.set(n, n % 7);
    // The oldest one stays open for 3000 invocations, and every second one ends at once.
    for (const old of [n % 2 === 1 ? n : -1, n - 3000]) {
      if (!open.has(old)) continue;
      expect(called.of(old)).toBe(open.get(old));
      called.forget(old);
      open.delete(old);
    }
  }
  for (const [n, functionId] of open) expect(called.of(n)).toBe(functionId);
});
