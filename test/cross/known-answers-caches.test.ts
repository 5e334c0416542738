import { describe, expect, test } from "vitest";
import { BYTES_PER_MIB } from "../../src/basics/units.js";
import {
  type Arrival,
  MINUTE,
  makeFunction,
  makePackage,
  SECOND,
  type Story,
  tell,
} from "../engine/harness.js";
import { makeBuiltIn } from "./replay-engine.js";

const NO_LIMIT = Number.POSITIVE_INFINITY;
const A = 0;
const B = 1;
const C = 2;
/** Calls of A, B, C, B and A, one per second. */
const calls = [A, B, C, B, A].map((id, at): Arrival => [at * SECOND, id, 0]);

const startsOf = async (story: Story) =>
  (await tell(story)).recording.ended_.map(({ start }) => start);

test("evict=lru with room for two of A, B and C: of the calls A B C B A only the second B is warm", async () => {
  // C evicts A, because B has been idle for a shorter time. The last A evicts C, because B was used
  // after it, so B is still idle at the end.
  const functions = [A, B, C].map(() => makeFunction());
  const memoryLimitBytes = 200 * BYTES_PER_MIB;
  const { recording, engine } = await tell({
    functions,
    arrivals: calls,
    policies: { evict: makeBuiltIn("evict", "lru", functions, memoryLimitBytes) },
    config: { memoryLimitBytes },
  });
  expect(recording.ended_.map(({ start }) => start)).toEqual([
    ...["cold", "cold", "cold", "warm", "cold"],
  ]);
  expect([A, B, C].map((id) => engine.view.containers.idleCountOf(id))).toEqual([1, 1, 0]);
});

describe("keep-alive=fixed:keep=10m", () => {
  const functions = [makeFunction()];
  const startsUnder = (keepAlive: string, atUs: readonly number[]) =>
    startsOf({
      functions,
      arrivals: atUs.map((at): Arrival => [at, 0, 0]),
      policies: { "keep-alive": makeBuiltIn("keep-alive", keepAlive, functions, NO_LIMIT) },
    });

  test("is warm after 9 min, after 10 min more, and cold after 10 min + 1 us more", async () => {
    const atUs = [0, 9 * MINUTE, 19 * MINUTE, 29 * MINUTE + 1];
    const starts = await startsUnder("fixed:keep=10m", atUs);
    expect(starts).toEqual(["cold", "warm", "warm", "cold"]);
  });

  test("with reset=false ends 10 min after the first idle moment, although the container was used since", async () => {
    // The first container goes at 10 min, so the call at 19 min is cold. Its container goes at 29 min:
    // the call at that microsecond is warm, the next one is cold.
    const atUs = [0, 9 * MINUTE, 19 * MINUTE, 29 * MINUTE, 29 * MINUTE + 1];
    const starts = await startsUnder("fixed:keep=10m,reset=false", atUs);
    expect(starts).toEqual(["cold", "warm", "cold", "warm", "cold"]);
  });
});

test("the window of an evicted container does not end its successor in the same place", async () => {
  // A's window would end at 10 min, but B evicts A at 1 min and gets its number. B is called again
  // at 10 min 30 s, within its own window, and then stays until 20 min 30 s.
  const functions = [makeFunction(), makeFunction()];
  const { recording, journal } = await tell({
    functions,
    arrivals: [
      [0, A, 0],
      [MINUTE, B, 0],
      [10.5 * MINUTE, B, 0],
    ],
    policies: { "keep-alive": makeBuiltIn("keep-alive", "fixed:keep=10m", functions, NO_LIMIT) },
    config: { memoryLimitBytes: 100 * BYTES_PER_MIB },
    endUs: 30 * MINUTE,
  });
  expect(journal).toContain("  > create-container 0 of 1 from -1 importing nothing");
  expect(recording.ended_.map(({ start }) => start)).toEqual(["cold", "cold", "warm"]);
  const last = journal.lastIndexOf("  > destroy-container 0");
  expect(journal[last - 1]).toBe(`${20.5 * MINUTE} woke`);
});

describe("three packages of 100 MiB, one per function, whose containers go after each run", () => {
  const functions = [A, B, C].map((id) => makeFunction({ closure: [id] }));
  const packages = functions.map(() => makePackage({ diskBytes: 100 * BYTES_PER_MIB }));

  test.each([
    // The disk has room for two. C drops A's package, and the last A drops C's.
    { install: "lru", diskMib: 200, hits: [0, 0, 0, 1, 0], left: [A, B] },
    { install: "none", diskMib: 200, hits: [0, 0, 0, 0, 0], left: [] },
    { install: "all", diskMib: 300, hits: [1, 1, 1, 1, 1], left: [A, B, C] },
  ])(
    "install=$install with $diskMib MiB of disk: the calls A B C B A hit $hits times",
    async ({ install, diskMib, hits, left }) => {
      const { recording, engine } = await tell({
        functions,
        packages,
        arrivals: calls,
        policies: {
          install: makeBuiltIn("install", install, functions, NO_LIMIT),
          "keep-alive": {
            decide(_view, _container, decision) {
              decision.keepUs = 0;
            },
          },
        },
        config: { diskLimitBytes: diskMib * BYTES_PER_MIB },
        endUs: MINUTE,
      });
      expect(recording.ended_.map(({ lookups }) => lookups!.installHits)).toEqual(hits);
      expect(recording.ended_.map(({ lookups }) => lookups!.installMisses)).toEqual(
        hits.map((hit) => 1 - hit),
      );
      expect([A, B, C].filter((id) => engine.view.installs.isInstalled(id))).toEqual(left);
    },
  );
});

test.each([
  { dispatch: "mru", container: 1 },
  { dispatch: "lru", container: 0 },
])(
  "dispatch=$dispatch: container 0 falls idle at 1 s and container 1 at 2 s, and a call at 10 s runs in container $container",
  async ({ dispatch, container }) => {
    const functions = [makeFunction()];
    const { journal } = await tell({
      functions,
      arrivals: [
        [0, 0, SECOND],
        [0, 0, 2 * SECOND],
        [10 * SECOND, 0, 0],
      ],
      policies: { dispatch: makeBuiltIn("dispatch", dispatch, functions, NO_LIMIT) },
    });
    const runs = journal.filter((line) => line.startsWith("  > run "));
    expect(runs.length).toBe(3);
    expect(runs[2]).toMatch(new RegExp(`^ {2}> run ${container} invocation 2 `));
  },
);
