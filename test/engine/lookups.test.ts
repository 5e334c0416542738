import { describe, expect, test } from "vitest";
import { RandomStreams } from "../../src/basics/random.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { Policies, ZygotePolicy } from "../../src/contract/policy.js";
import type { FunctionProfile, Package } from "../../src/contract/workload.js";
import type { PolicyChoices } from "../../src/policies/choice.js";
import { parseChoice } from "../../src/policies/parse.js";
import { BUILT_IN_POLICIES, makePolicies } from "../../src/policies/registry.js";
import { footprintOf } from "../../src/sim/costs/costs.js";
import {
  type Arrival,
  failing,
  MIB,
  MINUTE,
  makeFunction,
  makePackage,
  PLAIN_POLICIES,
  ROUND_COSTS,
  SECOND,
  type Told,
  tell,
  withCost,
} from "./harness.js";

/** Imports take the catalogue's time; everything else takes none. */
const IMPORTS_ONLY = withCost("importScale", 1);

interface World {
  readonly functions: readonly FunctionProfile[];
  readonly packages: readonly Package[];
  readonly memoryLimitBytes?: number;
}

/** SOCK's policies, with an install policy and a keep-alive of choice. */
function sockPolicies(world: World, install = "lru", keepAlive = "fixed:keep=unlimited"): Policies {
  const texts = {
    zygote: "sock",
    evict: "sock",
    "keep-alive": keepAlive,
    install,
    dispatch: "mru",
    queue: "fcfs",
  };
  const choices = Object.fromEntries(
    Object.entries(texts).map(([family, text]) => [
      family,
      parseChoice(family as keyof typeof texts, text, BUILT_IN_POLICIES, "test"),
    ]),
  ) as PolicyChoices;
  const context = {
    functions: world.functions,
    catalogue: { source: "test", packages: world.packages },
    memoryLimitBytes: world.memoryLimitBytes ?? Number.POSITIVE_INFINITY,
    diskLimitBytes: Number.POSITIVE_INFINITY,
    cores: 4,
    footprint: footprintOf(ROUND_COSTS),
    readText: () => "",
  };
  return makePolicies(choices, BUILT_IN_POLICIES, context, new RandomStreams(1));
}

const starts = (told: Told) => told.recording.ended_.map(({ start }) => start);
const lookups = (told: Told) => told.recording.ended_.map((ended) => ended.lookups!);

describe("the import cache", () => {
  const packages = [
    makePackage({ name: "a", importUs: SECOND / 5 }),
    makePackage({ name: "b", importUs: SECOND / 10 }),
  ];

  test("under sock, the first arrival of a function is a miss: it waits 0.2 s for its Zygote", async () => {
    const functions = [makeFunction({ closure: [0] })];
    const policies = sockPolicies({ functions, packages });
    const arrivals: Arrival[] = [[SECOND, 0, 0]];
    const told = await tell({ functions, packages, arrivals, policies, costs: IMPORTS_ONLY });
    const [ended] = told.recording.ended_;
    expect(ended).toMatchObject({ start: "zygote-built", provisionUs: SECOND / 5 });
    expect(ended.lookups).toMatchObject({ importHit: false, packagesNeeded: 1, packagesFound: 0 });
    expect(ended.lookups).toMatchObject({ importNeededUs: SECOND / 5, importSavedUs: 0 });
  });

  test("who arrives while the Zygote is being made misses too, and the next container hits", async () => {
    const functions = [makeFunction({ closure: [0] })];
    const policies = sockPolicies({ functions, packages });
    const told = await tell({
      ...{ functions, packages, policies, costs: IMPORTS_ONLY },
      arrivals: [
        [SECOND, 0, 10 * SECOND],
        [1.1 * SECOND, 0, 10 * SECOND], // 0.1 s before the Zygote is ready
        [2 * SECOND, 0, 0],
      ],
    });
    const byArrival = told.recording.ended_.toSorted((a, b) => a.arrivedAtUs - b.arrivedAtUs);
    expect(byArrival.map(({ start }) => start)).toEqual(["zygote-built", "zygote-built", "zygote"]);
    expect(byArrival.map((ended) => ended.lookups!.importHit)).toEqual([false, false, true]);
    expect(byArrival.map((ended) => ended.provisionUs)).toEqual([0.2e6, 0.1e6, 0]);
    expect(byArrival[2].lookups).toMatchObject({ packagesFound: 1, importSavedUs: SECOND / 5 });
  });

  /** Forks the root, or a Zygote with package 0 once the root has made it. */
  const firstPackageOnly: ZygotePolicy = {
    startsWithRoot: true,
    choose: ({ zygotes }) => {
      const [root, zygote] = zygotes.live;
      if (zygote !== undefined) return { forkFrom: zygote, create: null };
      return { forkFrom: root, create: { parent: root, packages: new PackageSet([0]) } };
    },
  };

  test("a Zygote with 1 of 2 packages is a hit, for which a package and 0.1 s are missing", async () => {
    const functions = [makeFunction({ closure: [0, 1] })];
    const told = await tell({
      ...{ functions, packages, costs: IMPORTS_ONLY },
      policies: { ...PLAIN_POLICIES, zygote: firstPackageOnly },
      arrivals: [
        [SECOND, 0, 10 * SECOND],
        [2 * SECOND, 0, 10 * SECOND],
      ],
    });
    expect(starts(told)).toEqual(["zygote-built", "zygote"]);
    expect(lookups(told)).toEqual([
      expect.objectContaining({ importHit: false, packagesNeeded: 2, packagesFound: 0 }),
      expect.objectContaining({ importHit: true, packagesNeeded: 2, packagesFound: 1 }),
    ]);
    // by the catalogue: 0.2 + 0.1 s needed, of which the Zygote has done 0.2
    expect(lookups(told)[1]).toMatchObject({ importNeededUs: 0.3e6, importSavedUs: 0.2e6 });
  });

  test("what the ready parent of a missing Zygote has is found: 1 of 2 packages", async () => {
    const functions = [makeFunction({ closure: [0] }), makeFunction({ closure: [0, 1] })];
    const zygote: ZygotePolicy = {
      startsWithRoot: true,
      choose: (view, functionId) => {
        const { closure } = view.functions[functionId];
        const live = view.zygotes.live;
        const own = live.find((id) => view.zygotes.packagesOf(id).equals(closure));
        const parent = live.at(-1)!;
        if (own !== undefined) return { forkFrom: own, create: null };
        return { forkFrom: parent, create: { parent, packages: closure } };
      },
    };
    const told = await tell({
      ...{ functions, packages, costs: IMPORTS_ONLY },
      policies: { ...PLAIN_POLICIES, zygote },
      arrivals: [
        [SECOND, 0, 0],
        [2 * SECOND, 1, 0],
      ],
    });
    expect(starts(told)).toEqual(["zygote-built", "zygote-built"]);
    expect(lookups(told)[1]).toMatchObject({
      ...{ importHit: false, packagesNeeded: 2, packagesFound: 1, importSavedUs: 0.2e6 },
    });
  });

  test("a function without packages looks up no Zygote, and one with packages finds none in the root", async () => {
    const functions = [makeFunction(), makeFunction({ closure: [0] })];
    const root: ZygotePolicy = {
      startsWithRoot: true,
      choose: ({ zygotes }) => ({ forkFrom: zygotes.live[0], create: null }),
    };
    const told = await tell({
      ...{ functions, packages, costs: IMPORTS_ONLY },
      policies: { ...PLAIN_POLICIES, zygote: root },
      arrivals: [
        [SECOND, 0, 0],
        [2 * SECOND, 1, 0],
      ],
    });
    expect(starts(told)).toEqual(["root-zygote", "root-zygote"]);
    expect(lookups(told).map(({ packagesNeeded }) => packagesNeeded)).toEqual([0, 1]);
    expect(lookups(told)[1]).toMatchObject({ importHit: false, packagesFound: 0 });
  });

  test("warm starts and pre-warmed containers look up nothing", async () => {
    const functions = [makeFunction({ closure: [0] })];
    const told = await tell({
      ...{ functions, packages, costs: IMPORTS_ONLY },
      policies: {
        "keep-alive": {
          decide: (_view, _container, decision) => {
            decision.keepUs = SECOND;
            decision.prewarmAfterUs = MINUTE;
          },
        },
      },
      arrivals: [
        [0, 0, 0],
        [SECOND, 0, 0], // warm
        [3 * MINUTE, 0, 0], // the container made after a minute is gone
        [4 * MINUTE + SECOND / 2, 0, 0], // in the pre-warmed container
      ],
    });
    expect(starts(told)).toEqual(["cold", "warm", "cold", "warm"]);
    expect(told.recording.ended_.map((ended) => ended.lookups !== null)).toEqual([
      ...[true, false, true, false],
    ]);
  });

  test("an attempt after a failure looks up nothing again: one hit for a start that ends cold", async () => {
    const functions = [makeFunction({ closure: [0] })];
    const policies = sockPolicies({ functions, packages });
    let creations = 0;
    const told = await tell({
      ...{ functions, packages, policies, costs: IMPORTS_ONLY },
      arrivals: [
        [SECOND, 0, 10 * SECOND],
        [2 * SECOND, 0, 0],
      ],
      wrap: (backend) =>
        failing(backend, (operation) =>
          operation === "create-container" && ++creations === 2 ? "failed" : "ok",
        ),
    });
    const second = told.recording.ended_.find(({ arrivedAtUs }) => arrivedAtUs === 2 * SECOND)!;
    expect(second.start).toBe("cold");
    expect(second.lookups).toMatchObject({ importHit: true, installHits: 0, installMisses: 0 });
  });
});

describe("the install cache", () => {
  /** Two functions with one package of 100 MiB each; memory for the Zygote of one of them. */
  const packages = ["a", "b"].map((name) =>
    makePackage({ name, diskBytes: 100 * MIB, memoryBytes: 100 * MIB }),
  );
  const functions = [0, 1].map((id) => makeFunction({ memoryBytes: 120 * MIB, closure: [id] }));
  const world = { functions, packages, memoryLimitBytes: 130 * MIB };
  const arrivals = Array.from({ length: 100 }, (_, at): Arrival => [at * SECOND, at % 2, 0]);

  test("two packages of 100 MiB in turn have reuse distances of 200 MiB, with Zygotes as without", async () => {
    for (const zygote of [undefined, PLAIN_POLICIES.zygote]) {
      const policies = sockPolicies(world, "hit-ratio-curve:target=0.4,refit=10");
      const told = await tell({
        ...{ functions, packages, arrivals },
        policies: zygote === undefined ? policies : { ...policies, zygote },
        config: { memoryLimitBytes: world.memoryLimitBytes },
      });
      expect(policies.install.budgetBytes(told.engine.view)).toBe(200 * MIB);
      // each arrival finds the other function's package in use, and asks the disk for its own once
      expect([0, 1].map((id) => told.engine.view.installs.usesOf(id))).toEqual([50, 50]);
    }
  });

  test("a package that is inherited from a Zygote is not looked up on disk", async () => {
    const told = await tell({
      ...{ functions, packages, policies: sockPolicies({ functions, packages }) },
      arrivals: [
        [0, 0, 10 * SECOND],
        [SECOND, 0, 0],
      ],
    });
    const byArrival = told.recording.ended_.toSorted((a, b) => a.arrivedAtUs - b.arrivedAtUs);
    expect(byArrival.map(({ start }) => start)).toEqual(["zygote-built", "zygote"]);
    expect(byArrival[0].lookups).toMatchObject({ installHits: 0, installMisses: 1 });
    expect(byArrival[1].lookups).toMatchObject({ installHits: 0, installMisses: 0 });
    expect(told.engine.view.installs.usesOf(0)).toBe(1);
  });

  test("install=gdsf weighs what an install is charged: of 10 s and 1 s in the catalogue, both take 0.4 s, and the one used twice stays", async () => {
    const three = [10, 1, 1].map((seconds, id) =>
      makePackage({ name: `p${id}`, installUs: seconds * SECOND, diskBytes: 100 * MIB }),
    );
    const users = three.map((_, id) => makeFunction({ closure: [id] }));
    const own = sockPolicies({ functions: users, packages: three }, "gdsf", "fixed:keep=0");
    const told = await tell({
      ...{ functions: users, packages: three },
      policies: { ...own, zygote: PLAIN_POLICIES.zygote },
      config: { diskLimitBytes: 200 * MIB }, // for two of the three
      costs: withCost("installFixed", 400_000),
      arrivals: [
        [0, 1, 0],
        [SECOND, 1, 0],
        [2 * SECOND, 0, 0],
        [3 * SECOND, 2, 0],
      ],
    });
    // 1 x 0.4 s against 2 x 0.4 s; by the catalogue it would be 1 x 10 s against 2 x 1 s
    const { installs } = told.engine.view;
    expect([0, 1, 2].map((id) => installs.isInstalled(id))).toEqual([false, true, true]);
  });

  test("an install policy hears hit or miss: a, b and a again, of which the last is on disk", async () => {
    const heard: (readonly [number, boolean])[] = [];
    const install = {
      ...PLAIN_POLICIES.install,
      preinstalled: () => [],
      onPackageUse: (_view: unknown, id: number, isHit: boolean) => heard.push([id, isHit]),
    };
    await tell({
      ...{ functions, packages },
      policies: {
        install,
        "keep-alive": {
          decide: (_view, _container, decision) => {
            decision.keepUs = 0;
          },
        },
      },
      arrivals: [
        [0, 0, 0],
        [SECOND, 1, 0],
        [2 * SECOND, 0, 0],
      ],
    });
    expect(heard).toEqual([
      [0, false],
      [1, false],
      [0, true],
    ]);
  });
});
