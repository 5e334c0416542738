import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RandomStreams } from "../../src/basics/random.js";
import type { Backend, Status } from "../../src/contract/backend.js";
import { PackageSet } from "../../src/contract/package-set.js";
import { FAMILIES, type Policies } from "../../src/contract/policy.js";
import type { FunctionProfile, Package } from "../../src/contract/workload.js";
import type { PolicyChoices } from "../../src/policies/choice.js";
import { parseChoice } from "../../src/policies/parse.js";
import { PRESETS } from "../../src/policies/presets.js";
import { BUILT_IN_POLICIES, makePolicies } from "../../src/policies/registry.js";
import { replayJournal } from "../../src/run/journal/replay.js";
import { footprintOf } from "../../src/sim/costs/costs.js";
import {
  type Arrival,
  failing,
  futureOf,
  MIB,
  MINUTE,
  makePackage,
  measuring,
  PHASES_ONLY_COSTS,
  Recording,
  SECOND,
  SHIPPED_COSTS,
  type Story,
  tell,
} from "./harness.js";

/** A workload, a machine that may be short of everything, and how often operations fail. */
interface World {
  readonly seed: number;
  readonly functions: readonly FunctionProfile[];
  readonly arrivals: readonly Arrival[];
  readonly memoryLimitBytes: number;
  readonly diskLimitBytes: number;
  readonly cores: number;
  readonly runsPerCore: number;
  readonly creationsPerCore: number;
  readonly creationsPerFunction: number;
  readonly queue: string;
  /** undefined: the one of the preset. */
  readonly dispatch: string | undefined;
  readonly queueLimit: number;
  readonly failureRatio: number;
  /** How often a completion reports a measured size of its process. */
  readonly measuredRatio: number;
}

/** Twelve packages of 5 to 60 MiB. Within each group of three, package n depends on n - 1. */
const PACKAGES: readonly Package[] = Array.from({ length: 12 }, (_, id) =>
  makePackage({
    name: `p${id}`,
    dependencies: id % 3 === 0 ? [] : [id - 1],
    installUs: 20_000 * (1 + (id % 4)),
    downloadBytes: MIB * (1 + (id % 5)),
    diskBytes: MIB * (2 + (id % 7)),
    importUs: 10_000 * (1 + (id % 6)),
    memoryBytes: MIB * (5 + 5 * (id % 12)),
  }),
);

/** The packages and all that they depend on. */
const closeOver = (ids: readonly number[]) =>
  ids.flatMap((id) => Array.from({ length: (id % 3) + 1 }, (_, back) => id - back));

const functionOf = fc
  .record({
    own: fc.integer({ min: 1, max: 80 }),
    direct: fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { maxLength: 4 }),
  })
  .map(({ own, direct }): FunctionProfile => {
    const closure = new PackageSet(closeOver(direct));
    const packageBytes = [...closure.ids].reduce((sum, id) => sum + PACKAGES[id].memoryBytes, 0);
    return {
      name: "f",
      app: 0,
      memoryBytes: 13 * MIB + packageBytes + own * MIB,
      requirements: new PackageSet(direct),
      closure,
      weight: own,
    };
  });

const world: fc.Arbitrary<World> = fc.record({
  seed: fc.integer({ min: 0, max: 1_000 }),
  functions: fc
    .array(functionOf, { minLength: 1, maxLength: 6 })
    .map((functions) => functions.map((each, app) => ({ ...each, app }))),
  arrivals: fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 20 * MINUTE }),
        fc.nat({ max: 5 }),
        fc.integer({ min: 0, max: 20 * SECOND }),
      ),
      { maxLength: 60 },
    )
    .map((rows) => rows.toSorted((a, b) => a[0] - b[0])),
  memoryLimitBytes: fc.oneof(
    fc.integer({ min: 64, max: 1_200 }).map((mib) => mib * MIB),
    fc.constant(Number.POSITIVE_INFINITY),
  ),
  diskLimitBytes: fc.oneof(
    fc.integer({ min: 5, max: 60 }).map((mib) => mib * MIB),
    fc.constant(Number.POSITIVE_INFINITY),
  ),
  cores: fc.integer({ min: 1, max: 4 }),
  runsPerCore: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
  creationsPerCore: fc.constantFrom(0.3, 1, 2, Number.POSITIVE_INFINITY),
  creationsPerFunction: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
  queue: fc.constantFrom("fcfs", "bypass", "sjf", "edf"),
  dispatch: fc.constantFrom(undefined, "delayed-warm"),
  queueLimit: fc.constantFrom(1, 8, 1024),
  failureRatio: fc.constantFrom(0, 0, 0.2, 0.7),
  measuredRatio: fc.constantFrom(0, 0.5, 1),
});

/**
 * Worlds with all arrivals within ten seconds: starts meet Zygotes and containers being created.
 */
const rush: fc.Arbitrary<World> = world.map((drawn) => ({
  ...drawn,
  functions: drawn.functions.slice(0, 2),
  arrivals: drawn.arrivals.map(([atUs, functionId, runUs]) => [
    Math.floor(atUs / 120),
    functionId,
    Math.floor(runUs / 40),
  ]),
}));

/** SOCK's Zygotes, and the evictors that no preset has. */
const EVICTORS: typeof PRESETS = BUILT_IN_POLICIES.filter(({ family, name }) => {
  return family === "evict" && !PRESETS.some(({ choices }) => choices.evict.startsWith(name));
}).map(({ name }) => ({
  ...PRESETS[0],
  name: `sock with evict=${name}`,
  choices: { ...PRESETS[0].choices, evict: name },
}));

function choicesOf(
  preset: (typeof PRESETS)[number],
  { queue, dispatch = preset.choices.dispatch }: Pick<World, "queue" | "dispatch">,
): PolicyChoices {
  const choices = { ...preset.choices, queue, dispatch };
  const entries = FAMILIES.map((family) => [
    family,
    parseChoice(family, choices[family], BUILT_IN_POLICIES, preset.name),
  ]);
  return Object.fromEntries(entries) as PolicyChoices;
}

/** The limits of a machine that policies know. */
const LIMITS = ["memoryLimitBytes", "diskLimitBytes", "cores"] as const;

function policiesFor(
  preset: (typeof PRESETS)[number],
  drawn: Pick<World, "functions" | "queue" | "dispatch" | "seed" | (typeof LIMITS)[number]>,
  arrivals: readonly Arrival[],
): Policies {
  const { functions, memoryLimitBytes, diskLimitBytes, cores, seed } = drawn;
  const context = {
    functions,
    catalogue: { source: "test", packages: PACKAGES },
    memoryLimitBytes,
    diskLimitBytes,
    cores,
    footprint: footprintOf(SHIPPED_COSTS),
    readText: () => "",
    future: futureOf(arrivals, functions.length),
  };
  return makePolicies(
    choicesOf(preset, drawn),
    BUILT_IN_POLICIES,
    context,
    new RandomStreams(seed),
  );
}

function storyOf(preset: (typeof PRESETS)[number], drawn: World): Story {
  // Zygote policies refuse a workload without packages, so one function always has some.
  const functions = [
    ...drawn.functions,
    {
      ...drawn.functions[0],
      app: 6,
      memoryBytes: 200 * MIB,
      requirements: new PackageSet([1]),
      closure: new PackageSet([0, 1]),
    },
  ];
  const arrivals = drawn.arrivals.map(
    ([atUs, functionId, runUs]): Arrival => [atUs, functionId % functions.length, runUs],
  );
  const { memoryLimitBytes, diskLimitBytes, cores, runsPerCore, seed } = drawn;
  const { creationsPerCore, creationsPerFunction, queueLimit } = drawn;
  return {
    functions,
    packages: PACKAGES,
    arrivals,
    policies: policiesFor(preset, { ...drawn, functions }, arrivals),
    config: {
      ...{ memoryLimitBytes, diskLimitBytes, cores, runsPerCore },
      ...{ creationsPerCore, creationsPerFunction, queueLimit },
    },
    costs: PHASES_ONLY_COSTS,
    seed,
    drain: true,
  };
}

/** Fails operations at random. One in four failures of a creation is the death of its Zygote. */
function atRandom(ratio: number, seed: number): (operation: string) => Status {
  const random = new RandomStreams(seed).get("failures");
  return (operation) => {
    if (random.next() >= ratio) return "ok";
    return operation.startsWith("create") && random.next() < 0.25 ? "parent-died" : "failed";
  };
}

/** Draws measured sizes of processes at random, from 0 to more than most of the machines have. */
function measuredAtRandom(ratio: number, seed: number): () => number {
  const random = new RandomStreams(seed).get("measures");
  return () => (random.next() < ratio ? Math.floor(random.next() ** 3 * 800 * MIB) : -1);
}

/** A backend that fails and measures at random. */
function disturbed(backend: Backend, { failureRatio, measuredRatio, seed }: World): Backend {
  return measuring(
    failing(backend, atRandom(failureRatio, seed)),
    measuredAtRandom(measuredRatio, seed),
    measuredAtRandom(measuredRatio, seed + 1),
  );
}

for (const preset of [...PRESETS, ...EVICTORS]) {
  // The evictors share all else, so each of them gets fewer worlds.
  const [manyRuns, fewRuns] = PRESETS.includes(preset) ? [60, 25] : [20, 10];
  describe(`preset ${preset.name}`, () => {
    test("every invocation ends once, the ledger stays within its limit, and all memory comes back", async () => {
      await fc.assert(
        fc.asyncProperty(world, async (drawn) => {
          const story = storyOf(preset, drawn);
          const told = await tell({
            ...story,
            wrap: (backend) => disturbed(backend, drawn),
          });
          // The ledger asserts at every change that no tier is negative and the limit is kept.
          expect(told.recording.ended_.length).toBe(story.arrivals.length);
          expect(told.recording.arrivals.length).toBe(story.arrivals.length);
          expect(told.engine.pending).toBe(0);
          const hasLeaked = told.recording.warnings.some((code) => code.startsWith("leaked"));
          if (!hasLeaked) expect(told.leftBytes).toBe(0);
          for (const ended of told.recording.ended_) {
            if (ended.start === "none") expect(ended.provisionUs + ended.runUs).toBe(0);
            if (ended.outcome === "completed") expect(ended.start).not.toBe("none");
            expect(Math.min(ended.queueUs, ended.provisionUs, ended.runUs)).toBeGreaterThanOrEqual(
              0,
            );
          }
        }),
        { numRuns: manyRuns },
      );
    });

    test("without failures and delays of completions, the phases of a start add up to its provisioning, and all that enters a cache leaves it", async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(world, rush), async (drawn) => {
          const told = await tell(storyOf(preset, drawn));
          for (const { phaseUs, provisionUs } of told.recording.ended_)
            expect(phaseUs.reduce((sum, us) => sum + us, 0)).toBe(provisionUs);
          for (const tier of ["handler", "import"]) {
            const left = told.recording.leftTier.filter((each) => each.tier === tier).length;
            expect(told.recording.insertedTier.filter((each) => each === tier).length).toBe(left);
          }
        }),
        { numRuns: manyRuns },
      );
    });

    test("no container is ever forked from a Zygote with a package outside its function's closure", async () => {
      await fc.assert(
        fc.asyncProperty(world, async (drawn) => {
          const story = storyOf(preset, drawn);
          const told = await tell(story);
          checkForks(told.journal, story.functions);
          expect(told.recording.warnings).not.toContain("fork-refused");
          expect(told.recording.warnings).not.toContain("victim-refused");
        }),
        { numRuns: fewRuns },
      );
    });

    test("its journal replays, and an altered line is named", async () => {
      await fc.assert(
        fc.asyncProperty(world, fc.nat(), async (drawn, where) => {
          const story = storyOf(preset, drawn);
          const told = await tell({
            ...story,
            wrap: (backend) => disturbed(backend, drawn),
          });
          const replay = (lines: readonly string[]) =>
            replayJournal(
              toAsync(lines),
              "j",
              async (_, setup) =>
                policiesFor(preset, { ...drawn, functions: setup.functions }, story.arrivals),
              new Recording(),
            );
          expect((await replay(told.journal)).divergence).toBeNull();
          const at = 1 + (where % (told.journal.length - 1));
          const altered = told.journal.with(at, alter(told.journal[at]));
          const divergence = await replay(altered).then(
            (result) => result.divergence,
            (error: Error) => ({ line: Number(/^j:(\d+)/.exec(error.message)?.[1]) }),
          );
          expect(divergence).not.toBeNull();
          expect(divergence!.line).toBeGreaterThanOrEqual(at + 1);
        }),
        { numRuns: fewRuns },
      );
    });
  });
}

/** Adds 1 to the last whole number of a journal's line. */
function alter(line: string): string {
  return line.replace(
    /(\d+)(\D*)$/,
    (_, digits: string, rest: string) => `${Number(digits) + 1}${rest}`,
  );
}

async function* toAsync(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** Follows the Zygotes through a journal and checks the security rule at each fork. */
function checkForks(journal: readonly string[], functions: readonly FunctionProfile[]): void {
  const packages = new Map<string, number[]>([["-1", []]]);
  const list = (text: string) => (text === "nothing" ? [] : text.split(",").map(Number));
  for (const line of journal) {
    const zygote = /> create-zygote (\S+) from (\S+) importing (\S+)/.exec(line);
    if (zygote !== null) packages.set(zygote[1], [...packages.get(zygote[2])!, ...list(zygote[3])]);
    const container = /> create-container \S+ of (\d+) from (\S+) importing (\S+)/.exec(line);
    if (container === null) continue;
    const closure = functions[Number(container[1])].closure;
    const inherited = packages.get(container[2])!;
    expect(inherited.every((id) => closure.has(id))).toBe(true);
    expect([...inherited, ...list(container[3])].toSorted((a, b) => a - b)).toEqual([
      ...closure.ids,
    ]);
  }
}
