import { describe, expect, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import type { KeepAliveDecision } from "../../src/contract/keep-alive-decision.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { Policies, View, ZygotePolicy } from "../../src/contract/policy.js";
import {
  type Arrival,
  failing,
  MIB,
  MINUTE,
  makeFunction,
  makePackage,
  SECOND,
  type Story,
  tell,
} from "./harness.js";

const f = makeFunction();

/** Unloads a container after its run and asks for others; keeps one that was made ahead. */
function prewarming(decide: Partial<KeepAliveDecision>): Policies["keep-alive"] {
  return {
    decide(view, container, decision) {
      if (view.containers.functionOf(container) !== 0) return; // the others stay until evicted
      if (view.containers.usesOf(container) > 0) Object.assign(decision, { keepUs: 0, ...decide });
      else decision.keepUs = 2 * MINUTE;
    },
  };
}

const everyTenMinutes = (rounds: number, calls: number): Arrival[] =>
  Array.from({ length: rounds * calls }, (_, at) => [
    Math.floor(at / calls) * 10 * MINUTE,
    0,
    SECOND,
  ]);

async function tellStarts(story: Story) {
  const { recording } = await tell(story);
  const starts = recording.ended_
    .filter(({ functionId }) => functionId === 0)
    .map(({ start }) => start);
  return { starts, prewarms: recording.prewarms };
}

test("three containers asked for serve three calls at once; after one asked for, two of three are cold", async () => {
  // Rounds at 0, 10 and 20 min of three calls that run 1 s. Windows end 9 min after the last run:
  // at 9 min 1 s, 19 min 1 s and 29 min 1 s; unused containers expire 2 min later.
  const arrivals = everyTenMinutes(3, 3);
  const asking = (prewarmCount: number) =>
    tellStarts({
      functions: [f],
      arrivals,
      policies: { "keep-alive": prewarming({ prewarmAfterUs: 9 * MINUTE, prewarmCount }) },
      endUs: 40 * MINUTE,
    });
  const three = await asking(3);
  expect(three.starts).toEqual([...Array(3).fill("cold"), ...Array(6).fill("warm")]);
  expect(three.prewarms).toEqual({ due: 9, made: 9, used: 6, expired: 3 });
  const one = await asking(1);
  expect(one.starts.filter((start) => start === "cold").length).toBe(3 + 2 + 2);
  expect(one.prewarms).toEqual({ due: 3, made: 3, used: 2, expired: 1 });
});

test("containers that are idle already count towards those asked for", async () => {
  const { prewarms } = await tellStarts({
    functions: [f],
    arrivals: [[0, 0, SECOND]],
    policies: {
      "keep-alive": prewarming({ keepUs: MINUTE, prewarmAfterUs: SECOND, prewarmCount: 3 }),
    },
    endUs: 5 * SECOND,
  });
  expect(prewarms).toEqual({ due: 3, "already-there": 1, made: 2 });
});

test("an arrival cancels the window, even if a container is idle", async () => {
  // The container stays, and the window would end at 61 s. The call at 30 s takes the container until
  // 90 s; then a new window begins, which ends at 150 s.
  const dueAt = async (endUs: number) => {
    const { prewarms } = await tellStarts({
      functions: [f],
      arrivals: [
        [0, 0, SECOND],
        [30 * SECOND, 0, 60 * SECOND],
      ],
      policies: {
        "keep-alive": prewarming({ keepUs: 10 * MINUTE, prewarmAfterUs: MINUTE, prewarmCount: 2 }),
      },
      endUs,
    });
    return prewarms.due;
  };
  expect(await dueAt(149 * SECOND)).toBe(undefined);
  expect(await dueAt(151 * SECOND)).toBe(2);
});

describe("in a full machine", () => {
  const [g, h] = [makeFunction({ name: "g" }), makeFunction({ name: "h" })];
  const twoFit = { memoryLimitBytes: 200 * MIB };
  const afterOneMinute = { "keep-alive": prewarming({ prewarmAfterUs: MINUTE }) };

  test("a container made ahead evicts what has been idle for longest, as an arrival would", async () => {
    // g and h fill the machine after f is unloaded at 1 s. At 61 s the container for f evicts g's.
    const { starts, prewarms } = await tellStarts({
      functions: [f, g, h],
      arrivals: [
        [0, 0, SECOND],
        [10 * SECOND, 1, SECOND],
        [20 * SECOND, 2, SECOND],
        [70 * SECOND, 0, SECOND],
      ],
      policies: afterOneMinute,
      config: twoFit,
    });
    expect(starts).toEqual(["cold", "warm"]);
    expect(prewarms).toEqual({ due: 1, made: 1, used: 1 });
  });

  test("it waits for memory if nothing may be evicted, and may be evicted itself before it is used", async () => {
    // g and h run until 90 s; then one of their idle containers makes room. At 100 s and 110 s g and h
    // run twice at once, which needs two containers more than their one: f's goes.
    const { prewarms } = await tellStarts({
      functions: [f, g, h],
      arrivals: [
        [0, 0, SECOND],
        [10 * SECOND, 1, 80 * SECOND],
        [11 * SECOND, 2, 79 * SECOND],
        [100 * SECOND, 1, SECOND],
        [100 * SECOND, 2, SECOND],
      ],
      policies: afterOneMinute,
      config: twoFit,
    });
    expect(prewarms).toEqual({ due: 1, made: 1, evicted: 1 });
  });

  test("it is given up if the function is called while it waits", async () => {
    const { starts, prewarms } = await tellStarts({
      functions: [f, g, h],
      arrivals: [
        [0, 0, SECOND],
        [10 * SECOND, 1, 80 * SECOND],
        [11 * SECOND, 2, 79 * SECOND],
        [70 * SECOND, 0, SECOND],
      ],
      policies: afterOneMinute,
      config: twoFit,
      endUs: 100 * SECOND,
    });
    expect(starts).toEqual(["cold", "cold"]);
    expect(prewarms).toEqual({ due: 1, overtaken: 1 });
  });

  test("it waits for a core, too", async () => {
    const { prewarms } = await tellStarts({
      functions: [f, g],
      arrivals: [
        [0, 0, SECOND],
        [10 * SECOND, 1, 80 * SECOND],
      ],
      policies: afterOneMinute,
      config: { cores: 1, runsPerCore: 1 },
      endUs: 91 * SECOND,
    });
    expect(prewarms).toEqual({ due: 1, made: 1 });
  });
});

describe("with Zygotes", () => {
  const withPackage = makeFunction({ closure: [0] });
  const packages = [makePackage()];
  const spec = { parent: NONE, packages: new PackageSet([0]) };
  const ofPackage = ({ zygotes }: View) => zygotes.live.find((id) => zygotes.packagesOf(id).has(0));

  /** Starts the first container cold. For later ones it forks a Zygote, which it creates. */
  function zygoteLater(): ZygotePolicy {
    let asked = 0;
    return {
      startsWithRoot: false,
      choose(view) {
        if (asked++ === 0) return { forkFrom: NONE, create: null };
        const zygote = ofPackage(view);
        return zygote === undefined
          ? { forkFrom: NONE, create: spec }
          : { forkFrom: zygote, create: null };
      },
    };
  }
  const story: Story = {
    functions: [withPackage],
    packages,
    arrivals: [[0, 0, SECOND]],
    policies: {
      zygote: zygoteLater(),
      "keep-alive": prewarming({ prewarmAfterUs: MINUTE, prewarmCount: 2 }),
    },
    endUs: 62 * SECOND,
  };

  test("containers made ahead have their Zygote created, once for both of them", async () => {
    const { recording, engine } = await tell(story);
    expect(recording.prewarms).toEqual({ due: 2, made: 2 });
    const zygote = ofPackage(engine.view)!;
    expect(engine.view.zygotes.live).toEqual([zygote]);
    expect(engine.view.zygotes.forksOf(zygote)).toBe(2);
  });

  test("they are dropped if the Zygote cannot be made", async () => {
    const { recording, leftBytes } = await tell({
      ...story,
      policies: { ...story.policies, zygote: zygoteLater() },
      wrap: (backend) =>
        failing(backend, (operation) => (operation === "create-zygote" ? "failed" : "ok")),
    });
    expect(recording.prewarms).toEqual({ due: 2, failed: 2 });
    expect(leftBytes).toBe(0);
  });
});
