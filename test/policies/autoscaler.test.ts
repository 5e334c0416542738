import { describe, expect, test } from "vitest";
import { makeBuiltIn } from "../cross/replay-engine.js";
import {
  type Arrival,
  makeFunction,
  ROUND_COSTS,
  SECOND,
  type Story,
  tell,
} from "../engine/harness.js";

const MS = SECOND / 1000;
const NO_LIMIT = Number.POSITIVE_INFINITY;
const functions = [makeFunction()];

/** OpenLambda's dispatch and keep-alive on creations of 5 ms of CPU. */
function storyOf(arrivals: readonly Arrival[], changes: Partial<Story> = {}): Story {
  return {
    functions,
    arrivals,
    policies: {
      "keep-alive": makeBuiltIn("keep-alive", "openlambda", functions, NO_LIMIT),
      dispatch: makeBuiltIn("dispatch", "openlambda", functions, NO_LIMIT),
    },
    config: { cores: 1000 },
    costs: {
      ...ROUND_COSTS,
      costs: {
        ...ROUND_COSTS.costs,
        freshCreate: { ...ROUND_COSTS.costs.freshCreate, value: 5 * MS },
        runCpuDemand: { ...ROUND_COSTS.costs.runCpuDemand, value: 0 },
      },
    },
    ...changes,
  };
}

const startsOf = async (story: Story) =>
  (await tell(story)).recording.ended_.map(({ start }) => start);

describe("OpenLambda's autoscaler", () => {
  test("ends the surplus instance after each pair, so that the second of every pair is cold", async () => {
    // Pairs 10 ms apart every 10 s, each run 100 ms. In the first pair no time is known: one
    // instance. From then on 2 x 100 ms / 10 ms = 20 instances are desired, at most the 2
    // outstanding: the second arrival begins an instance. When both have ended, 1 is desired.
    const arrivals = Array.from({ length: 10 }, (_, at): Arrival => {
      return [Math.floor(at / 2) * 10 * SECOND + (at % 2) * 10 * MS, 0, 100 * MS];
    });
    const { recording, engine } = await tell(storyOf(arrivals, { endUs: 60 * SECOND }));
    const later = recording.ended_.slice(2).map(({ start }) => start);
    expect(recording.ended_.slice(0, 2).map(({ start }) => start)).toEqual([
      "cold",
      "delayed-warm",
    ]);
    expect(later).toEqual(Array(4).fill(["resumed", "cold"]).flat());
    expect(engine.view.containers.idleCountOf(0)).toBe(1);
  });

  test("makes one change per 100 ms: of a burst of five, one more starts at 0, 100 and 200 ms", async () => {
    // A first run of 400 ms makes the mean 400 ms, so 5 outstanding ask for 5 instances. At 10 s the
    // first takes the idle container; the second begins an instance; the others wait. At 10.1,
    // 10.2 and 10.3 s one instance each begins, and all five run until the first ends at 10.4 s.
    const burst = Array.from({ length: 5 }, (): Arrival => [10 * SECOND, 0, 1000 * MS]);
    const { recording } = await tell(storyOf([[0, 0, 400 * MS], ...burst]));
    const startedMs = recording.ended_.slice(1).map(({ queueUs }) => queueUs / MS);
    expect(startedMs.toSorted((a, b) => a - b)).toEqual([0, 0, 100, 200, 300]);
  });

  test("goes on if a request ends at the very moment at which an instance is due", async () => {
    // A first run of 100 ms. At 10 s five requests of 100 ms arrive: one runs, one instance begins,
    // and the next change is due at 10.1 s, when the first request ends. The end comes first: 4 x
    // 100 ms / 10 ms = 40, at most the 4 outstanding, so it makes the third instance at 10.1 s.
    const burst = Array.from({ length: 5 }, (): Arrival => [10 * SECOND, 0, 100 * MS]);
    const { recording, journal } = await tell(storyOf([[0, 0, 100 * MS], ...burst]));
    expect(recording.ended_.map(({ outcome }) => outcome)).toEqual(Array(6).fill("completed"));
    expect(journal.filter((line) => line.startsWith("  > create-container")).length).toBe(3);
  });

  test("asks for one instance per 10 ms of outstanding work: five requests of 4 ms need two", async () => {
    // 5 x 4 ms / 10 ms = 2. The second arrival asks for 2 x 4 / 10 = 0, cut to 1 at least; the fifth
    // for 2. So one container is added for the whole burst, and none after 100 ms.
    const burst = Array.from({ length: 5 }, (): Arrival => [10 * SECOND, 0, 4 * MS]);
    const { journal } = await tell(storyOf([[0, 0, 4 * MS], ...burst]));
    const made = journal.filter((line) => line.startsWith("  > create-container"));
    expect(made.length).toBe(2); // the very first, and one more
  });

  test("ends the newest instance when its request has ended, although others wait", async () => {
    // With 1 s of work per instance: a run of 2 s makes the mean 2 s, so at 10 s the second of 400
    // requests asks for 2 x 2 / 1 = 4, at most 2: container 1 is made. Each request runs 1 ms, so
    // the mean is 1 ms after ten. At 10.1 s about 200 are left, which ask for 200 x 1 ms / 1 s = 0,
    // at least 1: container 1 goes, and container 0 serves the rest.
    const burst = Array.from({ length: 400 }, (): Arrival => [10 * SECOND, 0, 1 * MS]);
    const policy = "openlambda:work=1s";
    const { journal, recording } = await tell(
      storyOf([[0, 0, 2 * SECOND], ...burst], {
        policies: {
          "keep-alive": makeBuiltIn("keep-alive", policy, functions, NO_LIMIT),
          dispatch: makeBuiltIn("dispatch", policy, functions, NO_LIMIT),
        },
      }),
    );
    const end = journal.indexOf("  > destroy-container 1");
    const runsOf = (container: number, lines: readonly string[]) =>
      lines.filter((line) => line.startsWith(`  > run ${container} `)).length;
    expect(runsOf(1, journal.slice(0, end))).toBeGreaterThan(50);
    expect(runsOf(1, journal.slice(end))).toBe(0);
    expect(runsOf(0, journal.slice(end))).toBeGreaterThan(150);
    expect(recording.ended_.every(({ outcome }) => outcome === "completed")).toBe(true);
  });

  test("ends the surplus one that was made last, not the one that is idle for longest", async () => {
    // The pair of 30 ms runs in instances 0 and 1, as a run of 100 ms is known. Instance 0 falls idle
    // first and still stays.
    const { journal, engine } = await tell(
      storyOf(
        [
          [0, 0, 100 * MS],
          [SECOND, 0, 30 * MS],
          [SECOND, 0, 30 * MS],
        ],
        { endUs: 10 * SECOND },
      ),
    );
    expect(journal.filter((line) => line.includes("> destroy-container"))).toEqual([
      "  > destroy-container 1",
    ]);
    expect(engine.view.containers.newestIdleOf(0)).toBe(0);
  });

  test("keeps an instance whose container was evicted, which makes it again for the next request", async () => {
    const two = [makeFunction(), makeFunction({ memoryBytes: 300 * 1024 ** 2 })];
    const policies = {
      "keep-alive": makeBuiltIn("keep-alive", "openlambda", two, NO_LIMIT),
      dispatch: makeBuiltIn("dispatch", "openlambda", two, NO_LIMIT),
    };
    const starts = await startsOf(
      storyOf(
        [
          [0, 0, 10 * MS],
          [SECOND, 1, 10 * MS],
          [2 * SECOND, 0, 10 * MS],
        ],
        { functions: two, policies, config: { memoryLimitBytes: 350 * 1024 ** 2, cores: 1000 } },
      ),
    );
    expect(starts).toEqual(["cold", "cold", "cold"]);
  });
});
