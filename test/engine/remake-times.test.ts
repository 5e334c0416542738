import { describe, expect, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { Policies, View } from "../../src/contract/policy.js";
import { makeBuiltIn } from "../cross/replay-engine.js";
import {
  type Arrival,
  MIB,
  makeFunction,
  makePackage,
  ROUND_COSTS,
  SECOND,
  type Story,
  tell,
} from "./harness.js";

/** Imports and installs take the catalogue's times; all else takes none. */
const CATALOGUE_TIMES = {
  ...ROUND_COSTS,
  costs: {
    ...ROUND_COSTS.costs,
    importScale: { ...ROUND_COSTS.costs.importScale, value: 1 },
    installScale: { ...ROUND_COSTS.costs.installScale, value: 1 },
  },
};

/** Seconds that making each function's idle container again would take at the end of a story. */
async function remakeSecondsOf(story: Story): Promise<readonly number[]> {
  const { engine } = await tell({ costs: CATALOGUE_TIMES, ...story });
  const { containers, functions } = engine.view;
  return functions.map((_, id) => containers.remakeUsOf(containers.newestIdleOf(id)) / SECOND);
}

describe("what making a container again would take", () => {
  test("is without the load of others: of nine equal imports of 1 s on one core, eight at once took 8 s each, the ninth 1 s, and each is worth 1 s", async () => {
    const functions = Array.from({ length: 9 }, () => makeFunction({ closure: [0] }));
    const packages = [makePackage({ importUs: SECOND })];
    const arrivals = functions.map((_, id): Arrival => [id < 8 ? 0 : 100 * SECOND, id, 0]);
    const story = { functions, packages, arrivals, config: { cores: 1 } };
    const { recording } = await tell({ costs: CATALOGUE_TIMES, ...story });
    const took = recording.ended_.map(({ provisionUs }) => provisionUs / SECOND);
    expect(took).toEqual([...Array(8).fill(8), 1]);
    expect(await remakeSecondsOf(story)).toEqual(Array(9).fill(1));
  });

  test("is without the first install: 10 s of install and 0.1 s of import are worth 0.1 s", async () => {
    const functions = [makeFunction({ closure: [0] })];
    const packages = [makePackage({ importUs: SECOND / 10, installUs: 10 * SECOND })];
    const onDemand = { ...NOTHING_INSTALLED };
    const story = { functions, packages, arrivals: [[0, 0, 0]] as const, policies: onDemand };
    const { recording } = await tell({ costs: CATALOGUE_TIMES, ...story });
    expect(recording.ended_[0].provisionUs).toBe(10.1 * SECOND);
    expect(await remakeSecondsOf(story)).toEqual([0.1]);
  });

  test("contains the imports inherited from a Zygote once that is dead", async () => {
    // The Zygote imports package 0 (0.3 s), the container package 1 (0.1 s). At 5 s the Zygote goes.
    const seen: number[] = [];
    const look = ({ containers, nowUs }: View) => {
      const container = containers.oldestIdle();
      if (nowUs >= 2 * SECOND && container !== NONE)
        seen.push(containers.remakeUsOf(container) / SECOND);
    };
    await tell({
      costs: CATALOGUE_TIMES,
      functions: [
        makeFunction({ closure: [0, 1] }),
        makeFunction({ memoryBytes: 1000 * MIB }),
        makeFunction({ memoryBytes: 10 * MIB }),
      ],
      packages: [0.3, 0.1].map((seconds) => makePackage({ importUs: seconds * SECOND })),
      arrivals: [
        [0, 0, 0],
        [2 * SECOND, 2, 0],
        [5 * SECOND, 1, 0],
        [6 * SECOND, 2, 0],
      ],
      policies: {
        zygote: {
          startsWithRoot: false,
          choose({ zygotes }, functionId) {
            if (functionId !== 0) return { forkFrom: NONE, create: null };
            const [zygote = NONE] = zygotes.live;
            const create = zygote === NONE ? { parent: NONE, packages: new PackageSet([0]) } : null;
            return { forkFrom: zygote, create };
          },
        },
        evict: {
          victim: ({ zygotes: { live } }) =>
            live.length > 0 ? { tier: "import", zygote: live[0] } : null,
        },
        "keep-alive": { decide() {}, onArrival: look },
      },
      config: { memoryLimitBytes: 1000 * MIB },
    });
    expect(seen).toEqual([0.1, 0.1, 0.4]);
  });
});

test("evict=gdsf sends f0 (0.1 s, installed in 10 s, used once) before f1 (0.4 s, used twice)", async () => {
  // f0: 1 use x 0.1 s = 0.1    f1: 2 uses x 0.4 s = 0.8, of equal size
  const functions = [0, 1, 2].map((id) => makeFunction({ closure: [id] }));
  const packages = [
    makePackage({ importUs: 0.1 * SECOND, installUs: 10 * SECOND, memoryBytes: 0 }),
    makePackage({ importUs: 0.4 * SECOND, memoryBytes: 0 }),
    makePackage({ memoryBytes: 0 }),
  ];
  const { recording } = await tell({
    costs: CATALOGUE_TIMES,
    functions,
    packages,
    arrivals: [
      [0, 0, 0],
      [20 * SECOND, 1, 0],
      [30 * SECOND, 1, 0],
      [40 * SECOND, 2, 0],
      [50 * SECOND, 1, 0],
    ],
    policies: { ...NOTHING_INSTALLED, evict: makeBuiltIn("evict", "gdsf", functions, 200 * MIB) },
    config: { memoryLimitBytes: 200 * MIB },
  });
  expect(recording.ended_.map(({ start }) => start)).toEqual([
    ...["cold", "cold", "warm", "cold"],
    "warm", // f1 is still there
  ]);
});

/** An install cache that is empty at first and drops nothing. */
const NOTHING_INSTALLED: Pick<Policies, "install"> = {
  install: {
    preinstalled: () => [],
    budgetBytes: () => Number.POSITIVE_INFINITY,
    victim: () => NONE,
    keepUnused: () => true,
  },
};
