import { expect, test } from "vitest";
import { makeBuiltIn } from "../../cross/replay-engine.js";
import { type Arrival, MIB, makeFunction, SECOND, tell } from "../../engine/harness.js";

const A = 0;
const B = 1;
const C = 2;

/** Arrivals to runs, one at a time: the functions in the order in which they run from 100 s on. */
async function order(queue: string, calls: readonly Arrival[]): Promise<string> {
  const functions = [makeFunction(), makeFunction(), makeFunction()];
  const told = await tell({
    functions,
    // Each function runs once, so that its run time is known: 10 s, 1 s, 5 s.
    arrivals: [
      [0, A, 10 * SECOND],
      [20 * SECOND, B, SECOND],
      [30 * SECOND, C, 5 * SECOND],
      ...calls,
    ],
    policies: { queue: makeBuiltIn("queue", queue, functions, 1e12) },
    config: { cores: 1, runsPerCore: 1 },
  });
  const later = told.recording.ended_.filter(({ arrivedAtUs }) => arrivedAtUs >= 100 * SECOND);
  return later.map(({ functionId }) => "ABC"[functionId]).join("");
}

/** While the first call of A runs, from 100 to 110 s, the others arrive and wait. */
const WHILE_A_RUNS: readonly Arrival[] = [
  [100 * SECOND, A, 10 * SECOND],
  [101 * SECOND, A, 10 * SECOND],
  [103 * SECOND, C, 5 * SECOND],
  [106 * SECOND, B, SECOND],
  [107 * SECOND, C, 5 * SECOND],
];

test("fcfs starts in order of arrival: A, C, B, C", async () => {
  expect(await order("fcfs", WHILE_A_RUNS)).toBe("AACBC");
});

test("sjf starts the shortest mean first: B with 1 s, both C with 5 s, A with 10 s", async () => {
  expect(await order("sjf", WHILE_A_RUNS)).toBe("ABCCA");
});

test("edf starts the earliest of arrival plus mean: B 107, C 108, A 111, C 112", async () => {
  // B 106 + 1 = 107, C 103 + 5 = 108, A 101 + 10 = 111, C 107 + 5 = 112
  expect(await order("edf", WHILE_A_RUNS)).toBe("ABCAC");
});

test("edf with a stretch of 0 is fcfs, and with a large one it is sjf", async () => {
  expect(await order("edf:stretch=0", WHILE_A_RUNS)).toBe("AACBC");
  expect(await order("edf:stretch=1000", WHILE_A_RUNS)).toBe("ABCCA");
});

test("sjf starts a function that never ran first, as its mean of 0 is the shortest", async () => {
  const functions = [makeFunction(), makeFunction()];
  const told = await tell({
    functions,
    arrivals: [
      [0, A, SECOND],
      [2 * SECOND, A, 10 * SECOND],
      [3 * SECOND, A, SECOND],
      [4 * SECOND, B, SECOND],
    ],
    policies: { queue: makeBuiltIn("queue", "sjf", functions, 1e12) },
    config: { cores: 1, runsPerCore: 1 },
  });
  expect(told.recording.ended_.map(({ functionId }) => functionId)).toEqual([A, A, B, A]);
});

test.each([
  // 1000 MiB: A takes 900 of them for 50 s, B needs 900, and C, with 50, arrives at 2 s.
  { queue: "fcfs", waitsUs: 48 * SECOND },
  { queue: "bypass", waitsUs: 0 },
])(
  "behind one that does not fit, $queue lets a small one wait $waitsUs us",
  async ({ queue, waitsUs }) => {
    const functions = [900, 900, 50].map((mib) => makeFunction({ memoryBytes: mib * MIB }));
    const told = await tell({
      functions,
      arrivals: [
        [0, A, 50 * SECOND],
        [SECOND, B, SECOND],
        [2 * SECOND, C, SECOND],
      ],
      policies: { queue: makeBuiltIn("queue", queue, functions, 1000 * MIB) },
      config: { memoryLimitBytes: 1000 * MIB },
    });
    const small = told.recording.ended_.find(({ functionId }) => functionId === C);
    expect(small).toMatchObject({ outcome: "completed", queueUs: waitsUs });
    const large = told.recording.ended_.find(({ functionId }) => functionId === B);
    expect(large).toMatchObject({ outcome: "completed", queueUs: 49 * SECOND });
  },
);

test("bypass keeps the order of arrival among those that fit", async () => {
  // 1000 MiB: A takes 900. B needs 900; two of C, 50 each, fit beside A, and the third waits for one.
  const functions = [900, 900, 50].map((mib) => makeFunction({ memoryBytes: mib * MIB }));
  const told = await tell({
    functions,
    arrivals: [
      [0, A, 50 * SECOND],
      [SECOND, B, SECOND],
      ...[2, 3, 4].map((at): Arrival => [at * SECOND, C, 10 * SECOND]),
    ],
    policies: { queue: makeBuiltIn("queue", "bypass", functions, 1000 * MIB) },
    config: { memoryLimitBytes: 1000 * MIB },
  });
  const small = told.recording.ended_.filter(({ functionId }) => functionId === C);
  expect(small.map(({ queueUs }) => queueUs)).toEqual([0, 0, 8 * SECOND]);
});
